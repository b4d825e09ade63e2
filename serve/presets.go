package serve

import (
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/task/sample"
)

// presets are the settings of queries that were read already, without those that choose among the samples: clients that
// ask for one sample after the other differ in these alone.
type presets struct {
	mu  sync.Mutex
	all map[string]preset
}

type preset struct {
	c   sample.Config // with its own n, seed and first at their defaults
	key string
}

// mostPresets is how many are kept.
const mostPresets = 1024

// chosen are the settings that choose among the samples, as sample.Config has them.
type chosen struct {
	N     int    `json:"n"`
	Seed  uint64 `json:"seed"`
	First uint64 `json:"first"`
}

// plain reads values that are digits alone, once each, as most are; false: they need to be read with care.
func (c *chosen) plain(q url.Values) bool {
	for _, v := range q {
		if len(v) != 1 || len(v[0]) == 0 || len(v[0]) > 18 || strings.Trim(v[0], "0123456789") != "" ||
			v[0][0] == '0' && v[0] != "0" {
			return false
		}
	}
	number := func(key string, was uint64) uint64 {
		if v, ok := q[key]; ok {
			was, _ = strconv.ParseUint(v[0], 10, 64) // it is digits
		}
		return was
	}
	c.N, c.Seed, c.First = int(number("n", uint64(c.N))), number("seed", c.Seed), number("first", c.First)
	return true
}

// read reads the settings of a query. key is what requests of one batch have in common.
func (p *presets) read(query url.Values) (c sample.Config, key string, err error) {
	own := url.Values{}
	for _, k := range []string{"n", "seed", "first"} {
		if v, ok := query[k]; ok {
			own[k] = v
			delete(query, k)
		}
	}
	rest := query.Encode()
	p.mu.Lock()
	known, ok := p.all[rest]
	p.mu.Unlock()
	if !ok {
		known.c = spec.New[sample.Config]()
		if err := spec.DecodeQuery(query, &known.c); err != nil {
			return known.c, "", err
		}
		known.key = keyOf(known.c)
		p.mu.Lock()
		if p.all == nil || len(p.all) >= mostPresets {
			p.all = map[string]preset{}
		}
		p.all[rest] = known
		p.mu.Unlock()
	}
	c = known.c
	if len(own) == 0 {
		return c, known.key, nil
	}
	ids := chosen{c.N, c.Seed, c.First}
	if !ids.plain(own) {
		err = spec.DecodeQuery(own, &ids)
	}
	c.N, c.Seed, c.First = ids.N, ids.Seed, ids.First
	return c, known.key, err
}
