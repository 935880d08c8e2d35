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
