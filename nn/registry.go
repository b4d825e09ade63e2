package nn

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

var registry = struct {
	sync.RWMutex
	families map[string]func() Network
}{families: map[string]func() Network{}}

// Register makes a family known by its kind. empty returns a pointer to a new config, for who reads one from a file or a
// command line. A kind that is taken panics: two packages of one program want it.
func Register(empty func() Network) {
	kind := empty().Kind()
	registry.Lock()
	defer registry.Unlock()
	if _, taken := registry.families[kind]; taken {
		panic("nn: two families of networks are called " + kind)
	}
	registry.families[kind] = empty
}

// Empty returns a pointer to a new config of a kind. A kind that is not registered is a *ConfigError.
func Empty(kind string) (Network, error) {
	registry.RLock()
	empty, ok := registry.families[kind]
	registry.RUnlock()
	if !ok {
		return nil, &ConfigError{"kind", fmt.Sprintf("%q is not one of %s, the networks that this program has", kind, strings.Join(Kinds(), ", "))}
	}
	return empty(), nil
}

// Kinds are the registered kinds, in alphabetical order.
func Kinds() []string {
	registry.RLock()
	defer registry.RUnlock()
	var kinds []string
	for k := range registry.families {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	return kinds
}
