package sample

import (
	"errors"
	"io"
	"path/filepath"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/recipe"
)

// Writer takes samples in the order of their ids and writes them.
type Writer interface {
	WriteRows(x ito.States) error
	Close() error // writes what is left
}

// NewWriter writes the samples of a configuration to w as they stand in its file Out, which is not opened: the end of
// its name is the format.
func NewWriter(w io.Writer, c *Config, m *ito.Model) (Writer, error) {
	if c.isParquet() && m.Space.Mask == nil {
		return newParquetWriter(w, c, m)
	}
	f, err := c.format(m)
	if err != nil {
		return nil, err
	}
	return data.NewSampleWriter(w, f), nil
}

func (c *Config) isParquet() bool { return strings.EqualFold(filepath.Ext(c.Out), ".parquet") }

// CheckRequest refuses what no plan of a sampling can change.
func CheckRequest(c *Config, m *ito.Model) error { return errors.Join(c.check(true), c.fresh(m)) }

// CheckIDs is [CheckRequest] of a request that differs from one that passed in N, First and Seed alone.
func CheckIDs(c *Config, m *ito.Model) error { return errors.Join(c.checkIDs(), c.fresh(m)) }

// fresh refuses samples whose new identifiers a table has no room for.
func (c *Config) fresh(m *ito.Model) error {
	if t, ok := m.Encoding.(*encode.Table); ok && c.N > 0 {
		return t.Schema.Fresh(c.First + uint64(c.N) - 1)
	}
	return nil
}

// Check reports what [Run] with a sink would refuse before it draws.
func Check(c *Config, m *ito.Model) error {
	if err := CheckRequest(c, m); err != nil {
		return err
	}
	if _, err := NewWriter(io.Discard, c, m); err != nil {
		return err
	}
	return recipe.CheckSample(m, c.SampleConfig)
}
