package draws

import (
	"slices"
	"strconv"
)

// told are the keys of CmdStan's configuration that have a field of Meta or say what the layout is.
var told = []string{
	"stan_version_major", "stan_version_minor", "stan_version_patch", "model", "method", "num_samples", "num_warmup",
	"save_warmup", "thin", "engaged",
	"algorithm", "engine", "max_depth", "metric", "id", "seed", "chains", "warmup", "sampler", writtenBy,
}

// writtenBy is the key under which ito's files say that they are.
const writtenBy = "written_by"

// meta is what the file's configuration says of the run; the chains are for the caller to count.
func (c *csvChain) meta() Meta {
	columns, stats := c.order()
	m := Meta{Stats: stats, Chains: 1, Model: c.setting("model"), Method: c.setting("sampler"),
		Thin: max(c.wholeNumber("thin"), 1), Warmup: c.wholeNumber("num_warmup"), MaxDepth: c.wholeNumber("max_depth")}
	for _, k := range columns {
		m.Columns = append(m.Columns, c.columns[k])
	}
	m.Seed, _ = strconv.ParseUint(c.setting("seed"), 10, 64)
	if c.setting("warmup") != "" {
		m.Warmup = c.wholeNumber("warmup")
	}
	if m.Method == "" {
		m.Method = c.setting("algorithm")
		if e := c.setting("engine"); e == "nuts" {
			m.Method = e
		}
		if c.setting("method") == "optimize" {
			m.Method = "optimize"
		}
	}
	for _, s := range c.settings {
		if !slices.Contains(told, s.Key) {
			m.Config = append(m.Config, s)
		}
	}
	return m
}

// order lists the columns of draws, statistics of the sampler first.
func (c *csvChain) order() (columns []int, stats int) {
	for i, name := range c.columns {
		if isStat(name) && !c.index.drop[i] {
			columns = append(columns, i)
		}
	}
	stats = len(columns)
	for i, name := range c.columns {
		if !isStat(name) && !c.index.drop[i] {
			columns = append(columns, i)
		}
	}
	return columns, stats
}
