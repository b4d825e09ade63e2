package draws

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"strings"
)

// writeNPY writes NumPy's format, version 1: little-endian float64 [chains,draws,columns] in C order.
func writeNPY(w *bufio.Writer, m *Meta, j *Journal) error {
	head := fmt.Sprintf("{'descr': '<f8', 'fortran_order': False, 'shape': (%d, %d, %d), }", m.Chains, j.rows,
		len(m.Columns))
	head += strings.Repeat(" ", 63-(10+len(head))%64) + "\n"
	w.WriteString("\x93NUMPY\x01\x00")
	w.Write(binary.LittleEndian.AppendUint16(nil, uint16(len(head))))
	w.WriteString(head)
	for chain := range m.Chains {
		err := j.scan(chain, func(_ int, rows []float64) error {
			for _, v := range rows {
				if _, err := w.Write(binary.LittleEndian.AppendUint64(w.AvailableBuffer(),
					math.Float64bits(v))); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// sidecar is Meta as JSON, beside an npy file and inside a Parquet file.
type sidecar struct {
	Format     string       `json:"format"` // sidecarFormat
	Columns    []string     `json:"columns"`
	Stats      int          `json:"stats"`
	Chains     int          `json:"chains"`
	Model      string       `json:"model"`
	Method     string       `json:"method"`
	Seed       uint64       `json:"seed"`
	Warmup     int          `json:"warmup"`
	Thin       int          `json:"thin"`
	MaxDepth   int          `json:"max_depth,omitempty"`
	Config     []Setting    `json:"config,omitempty"`
	Adaptation []Adaptation `json:"adaptation,omitempty"`
}

const sidecarFormat = "ito-draws-1"

func (m *Meta) sidecar() sidecar {
	return sidecar{sidecarFormat, m.Columns, m.Stats, m.Chains, m.Model, m.Method, m.Seed, m.Warmup, max(m.Thin, 1),
		m.MaxDepth, m.Config, m.Adaptation}
}

func (s *sidecar) meta() Meta {
	return Meta{s.Columns, s.Stats, s.Chains, s.Model, s.Method, s.Seed, s.Warmup, s.Thin, s.MaxDepth, s.Config,
		s.Adaptation}
}

func writeSidecar(w *bufio.Writer, m *Meta) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(m.sidecar())
}
