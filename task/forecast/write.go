package forecast

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/seed9a7962a8/ito/forecast"
)

// writer writes forecasts: rows series,time,mean,q0.05,… or, of paths, series,time,sample,value.
type writer interface {
	write(f *forecast.Forecast) error
	close() error
}

func newWriter(w io.Writer, format string, levels []float64, paths bool) writer {
	switch format {
	case "parquet":
		return newParquet(w, levels, paths)
	case "json":
		return &jsonWriter{w: bufio.NewWriter(w), paths: paths}
	}
	return &csvWriter{w: bufio.NewWriter(w), levels: levels, paths: paths}
}

type csvWriter struct {
	w      *bufio.Writer
	levels []float64
	paths  bool
	begun  bool
	b      []byte
}

func (c *csvWriter) head() {
	c.begun = true
	c.b = append(c.b[:0], "series,time,"...)
	if c.paths {
		c.b = append(c.b, "sample,value\n"...)
	} else {
		c.b = append(c.b, "mean"...)
		for _, q := range c.levels {
			c.b = append(c.b, ",q"+strconv.FormatFloat(q, 'g', -1, 64)...)
		}
		c.b = append(c.b, '\n')
	}
}

func (c *csvWriter) write(f *forecast.Forecast) error {
	if !c.begun {
		c.head()
		if _, err := c.w.Write(c.b); err != nil {
			return err
		}
	}
	id := cell(f.ID)
	for k := range max(f.NumPaths(), 1) {
		if !c.paths && k > 0 {
			break
		}
		for h := range f.Horizon() {
			b := append(append(c.b[:0], id...), ',')
			b = append(stamp(b, f, h), ',')
			if c.paths {
				b = append(strconv.AppendInt(b, int64(k), 10), ',')
				b = strconv.AppendFloat(b, f.Path(k)[h], 'g', -1, 64)
			} else {
				b = strconv.AppendFloat(b, f.Mean[h], 'g', -1, 64)
				for q := range f.Levels {
					b = strconv.AppendFloat(append(b, ','), f.Quantile(q)[h], 'g', -1, 64)
				}
			}
			c.b = append(b, '\n')
			if _, err := c.w.Write(c.b); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *csvWriter) close() error { return c.w.Flush() }

func stamp(b []byte, f *forecast.Forecast, h int) []byte {
	return f.Freq.At(f.Start, h).AppendFormat(b, time.RFC3339)
}

// cell quotes a name where CSV needs it.
func cell(s string) string {
	for _, c := range s {
		if c == ',' || c == '"' || c == '\n' || c == '\r' {
			out := `"`
			for _, c := range s {
				if c == '"' {
					out += `"`
				}
				out += string(c)
			}
			return out + `"`
		}
	}
	return s
}

// row is a forecast as JSON, a line each.
type row struct {
	Series    string               `json:"series"`
	Freq      forecast.Freq        `json:"freq"`
	Time      []string             `json:"time"`
	Mean      []float64            `json:"mean"`
	Quantiles map[string][]float64 `json:"quantiles,omitempty"`
	Samples   [][]float64          `json:"samples,omitempty"`
	Spread    string               `json:"spread"`
	Fallback  string               `json:"fallback,omitempty"`
}

type jsonWriter struct {
	w     *bufio.Writer
	paths bool
}

func (j *jsonWriter) write(f *forecast.Forecast) error {
	r := row{Series: f.ID, Freq: f.Freq, Mean: f.Mean, Spread: f.Spread, Fallback: f.Fallback}
	for h := range f.Horizon() {
		r.Time = append(r.Time, string(stamp(nil, f, h)))
	}
	if len(f.Levels) > 0 {
		r.Quantiles = map[string][]float64{}
	}
	for k, q := range f.Levels {
		r.Quantiles[strconv.FormatFloat(q, 'g', -1, 64)] = f.Quantile(k)
	}
	if j.paths {
		for k := range f.NumPaths() {
			r.Samples = append(r.Samples, f.Path(k))
		}
	}
	text, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("forecast of %s: %w", f.ID, err)
	}
	_, err = j.w.Write(append(text, '\n'))
	return err
}

func (j *jsonWriter) close() error { return j.w.Flush() }

// parquetRows are held until a row group is full.
const parquetRows = 1 << 16

type parquetWriter struct {
	out    *parquet.GenericWriter[any]
	levels []float64
	paths  bool
	rows   []parquet.Row
}

func newParquet(w io.Writer, levels []float64, paths bool) *parquetWriter {
	g := ordered{Group: parquet.Group{}}
	put := func(name string, n parquet.Node) { g.fields = append(g.fields, &namedField{n, name}) }
	put("series", parquet.String())
	put("time", parquet.Timestamp(parquet.Millisecond))
	double := parquet.Leaf(parquet.DoubleType)
	if paths {
		put("sample", parquet.Leaf(parquet.Int64Type))
		put("value", double)
	} else {
		put("mean", double)
		for _, q := range levels {
			put("q"+strconv.FormatFloat(q, 'g', -1, 64), double)
		}
	}
	return &parquetWriter{levels: levels, paths: paths,
		out: parquet.NewGenericWriter[any](w, parquet.NewSchema("forecast", g), parquet.CreatedBy("ito", "1", ""))}
}

func (p *parquetWriter) write(f *forecast.Forecast) error {
	for k := range max(f.NumPaths(), 1) {
		if !p.paths && k > 0 {
			break
		}
		for h := range f.Horizon() {
			v := []parquet.Value{parquet.ByteArrayValue([]byte(f.ID)),
				parquet.Int64Value(f.Freq.At(f.Start, h).UnixMilli())}
			if p.paths {
				v = append(v, parquet.Int64Value(int64(k)), parquet.DoubleValue(f.Path(k)[h]))
			} else {
				v = append(v, parquet.DoubleValue(f.Mean[h]))
				for q := range f.Levels {
					v = append(v, parquet.DoubleValue(f.Quantile(q)[h]))
				}
			}
			for c := range v {
				v[c] = v[c].Level(0, 0, c)
			}
			if p.rows = append(p.rows, v); len(p.rows) == parquetRows {
				if err := p.flush(); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (p *parquetWriter) flush() error {
	_, err := p.out.WriteRows(p.rows)
	if p.rows = p.rows[:0]; err != nil {
		return err
	}
	return p.out.Flush()
}

func (p *parquetWriter) close() error {
	if err := p.flush(); err != nil {
		return err
	}
	return p.out.Close()
}

// ordered is a group that keeps the order of its columns, as parquet.Group does not.
type ordered struct {
	parquet.Group
	fields []parquet.Field
}

func (g ordered) Fields() []parquet.Field { return g.fields }
func (g ordered) GoType() reflect.Type    { return reflect.TypeFor[struct{}]() }

type namedField struct {
	parquet.Node
	name string
}

func (f *namedField) Name() string                           { return f.name }
func (f *namedField) Value(base reflect.Value) reflect.Value { return base }
