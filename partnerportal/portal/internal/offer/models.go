package offer

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/configure"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// keptModels is how many compiled models are kept in memory.
const keptModels = 256

// Models are configuration models, compiled once each. A portal has one; it is safe for concurrent use.
type Models struct {
	mu   sync.Mutex
	kept map[string]*configure.Model // by SKU and version
}

// NewModels returns Models that hold none yet.
func NewModels() *Models { return &Models{kept: map[string]*configure.Model{}} }

// Load returns a version of a product's configuration model, the last one for 0, or [store.ErrNotFound].
func (m *Models) Load(ctx context.Context, tx *store.Tx, sku string, version int) (*configure.Model, error) {
	if version == 0 {
		last, err := tx.LastConfigModel(ctx, sku)
		if err != nil {
			return nil, err
		}
		version = int(last)
	}
	id := ModelID(sku, version)
	if model := m.get(id); model != nil {
		return model, nil
	}
	doc, err := tx.ConfigModel(ctx, store.ConfigModelParams{Sku: sku, Version: int64(version)})
	if err != nil {
		return nil, err
	}
	stored, err := DecodeModel(doc)
	if err != nil {
		return nil, err
	}
	compiled, err := configure.Compile(stored)
	if err != nil {
		return nil, fmt.Errorf("model %s was published and does not compile: %w", id, err)
	}
	m.put(id, compiled)
	return compiled, nil
}

func (m *Models) get(id string) *configure.Model {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.kept[id]
}

// put keeps a model. When there are too many, any other goes: the next to need it compiles it again.
func (m *Models) put(id string, model *configure.Model) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for other := range m.kept {
		if len(m.kept) < keptModels {
			break
		}
		delete(m.kept, other)
	}
	m.kept[id] = model
}

// ModelID tells a version of a model from all others.
func ModelID(sku string, version int) string { return fmt.Sprintf("%s@%d", sku, version) }

// DecodeModel reads a stored model.
func DecodeModel(doc string) (*catalog.Model, error) {
	m := new(catalog.Model)
	if err := json.Unmarshal([]byte(doc), m); err != nil {
		return nil, fmt.Errorf("a configuration model: %w", err)
	}
	return m, nil
}

// Configuration returns a configuration that was kept, anybody's, or [store.ErrNotFound].
func Configuration(ctx context.Context, tx *store.Tx, id string) (*catalog.Configuration, error) {
	doc, err := tx.Configuration(ctx, id)
	if err != nil {
		return nil, err
	}
	return DecodeConfiguration(doc)
}

// Configurations returns configurations that were kept, anybody's, by id. Those that do not exist are not in the map.
func Configurations(ctx context.Context, tx *store.Tx, ids []string) (map[string]*catalog.Configuration, error) {
	found := make(map[string]*catalog.Configuration, len(ids))
	for some := range slices.Chunk(distinct(ids), pageSize) {
		q := store.Query{Table: "configurations", Sort: "created_at", Page: store.Page{Limit: pageSize}}
		store.WhereIn(&q, "id", some)
		items, _, err := store.List(ctx, tx, q, func(dest func(...any) error) (*catalog.Configuration, error) {
			var doc string
			if err := dest(&doc); err != nil {
				return nil, err
			}
			return DecodeConfiguration(doc)
		})
		if err != nil {
			return nil, err
		}
		for _, c := range items {
			found[c.ID] = c
		}
	}
	return found, nil
}

// DecodeConfiguration reads a stored configuration.
func DecodeConfiguration(doc string) (*catalog.Configuration, error) {
	c := new(catalog.Configuration)
	if err := json.Unmarshal([]byte(doc), c); err != nil {
		return nil, fmt.Errorf("a configuration: %w", err)
	}
	return c, nil
}
