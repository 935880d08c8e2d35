package call

import (
	"encoding/json"
	"slices"
)

// Named are the JSON pointers of what a patch names, as events tell what changed.
func Named(patch any) ([]string, error) {
	data, err := json.Marshal(patch)
	if err != nil {
		return nil, err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return nil, err
	}
	pointers := make([]string, 0, len(members))
	for name := range members {
		pointers = append(pointers, "/"+name)
	}
	slices.Sort(pointers)
	return pointers, nil
}

// Tree is a value as JSON sees it, for pointers and merge patches.
func Tree(v any) (map[string]any, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var t map[string]any
	return t, json.Unmarshal(data, &t)
}

// Merge applies a merge patch (RFC 7396).
func Merge(target, patch map[string]any) map[string]any {
	if target == nil {
		target = map[string]any{}
	}
	for name, value := range patch {
		switch v := value.(type) {
		case nil:
			delete(target, name)
		case map[string]any:
			below, _ := target[name].(map[string]any)
			target[name] = Merge(below, v)
		default:
			target[name] = v
		}
	}
	return target
}

// Patched is a value with a merge patch of the contract applied to it.
func Patched[T any](value T, patch any) (patched T, err error) {
	target, err := Tree(value)
	if err != nil {
		return patched, err
	}
	changes, err := Tree(patch)
	if err != nil {
		return patched, err
	}
	data, err := json.Marshal(Merge(target, changes))
	if err != nil {
		return patched, err
	}
	return patched, json.Unmarshal(data, &patched)
}
