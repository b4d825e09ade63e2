package draws

import (
	"encoding/json"
	"io"
	"reflect"
	"slices"

	"github.com/parquet-go/parquet-go"
)

// parquetKey is the key of the file's metadata under which Meta stands.
const parquetKey = "ito.draws"

// groupBytes bounds the values of a row group, which are in memory until it is complete.
const groupBytes = 8 << 20

// indexNames are the columns that say which row it is: chain and draw, and where a parameter is called so, .chain
// and .draw, as R's posterior has them.
func indexNames(columns []string) (chain, draw string) {
	if slices.Contains(columns, "chain") || slices.Contains(columns, "draw") {
		return ".chain", ".draw"
	}
	return "chain", "draw"
}

// writeParquet writes the columns chain and draw, both from 1, and those of m, in their order.
func writeParquet(w io.Writer, m *Meta, j *Journal) error {
	meta, err := json.Marshal(m.sidecar())
	if err != nil {
		return err
	}
	out := parquet.NewGenericWriter[any](w, parquet.NewSchema("draws", parquetRoot(m.Columns)), parquet.CreatedBy("ito",
		"1", ""))
	out.SetKeyValueMetadata(parquetKey, string(meta))
	columns := out.ColumnWriters()
	per := max(1, groupBytes/(8*len(columns)))
	held := 0
	var values []parquet.Value
	for chain := range m.Chains {
		err := j.scan(chain, func(first int, rows []float64) error {
			n := len(rows) / j.cols
			for done := 0; done < n; {
				k := min(n-done, per-held)
				for c, column := range columns {
					values = parquetValues(values[:0], c, chain, first+done, rows[done*j.cols:(done+k)*j.cols], j.cols)
					if _, err := column.WriteRowValues(values); err != nil {
						return err
					}
				}
				done, held = done+k, held+k
				if held == per {
					if err := out.Flush(); err != nil {
						return err
					}
					held = 0
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return out.Close()
}

// parquetValues appends the values of column c of the file for rows [n,cols] of a chain.
func parquetValues(dst []parquet.Value, c, chain, first int, rows []float64, cols int) []parquet.Value {
	for i := range len(rows) / cols {
		var v parquet.Value
		switch c {
		case 0:
			v = parquet.Int32Value(int32(chain + 1))
		case 1:
			v = parquet.Int64Value(int64(first + i + 1))
		default:
			v = parquet.DoubleValue(rows[i*cols+c-2])
		}
		dst = append(dst, v.Level(0, 0, c))
	}
	return dst
}

// parquetRoot is the schema: a group that keeps the order of its columns, as parquet.Group does not.
func parquetRoot(columns []string) parquet.Node {
	g := ordered{Group: parquet.Group{}}
	put := func(name string, n parquet.Node) { g.fields = append(g.fields, &field{n, name}) }
	chain, draw := indexNames(columns)
	put(chain, parquet.Leaf(parquet.Int32Type))
	put(draw, parquet.Leaf(parquet.Int64Type))
	for _, name := range columns {
		put(name, parquet.Leaf(parquet.DoubleType))
	}
	return g
}

type ordered struct {
	parquet.Group
	fields []parquet.Field
}

func (g ordered) Fields() []parquet.Field { return g.fields }
func (g ordered) GoType() reflect.Type    { return reflect.TypeFor[struct{}]() }

type field struct {
	parquet.Node
	name string
}

func (f *field) Name() string                           { return f.name }
func (f *field) Value(base reflect.Value) reflect.Value { return base }
