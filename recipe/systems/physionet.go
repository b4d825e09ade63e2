package systems

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
)

// physioHours are the hours of a record that CSDI reads.
const physioHours = 48

// physioRecord is a stay as CSDI reads it: the last value of an attribute within each hour, standardised, [35,48]
// attribute by attribute; NaN where there is none.
type physioRecord struct {
	id string
	x  []float64
}

// physioNorm is what the values are standardised by, in the order of the attributes.
type physioNorm struct {
	Attributes []string  `json:"attributes"`
	Mean       []float64 `json:"mean"`
	SD         []float64 `json:"std"`
}

// openPhysio reads the records of a folder that has normalisation.json and one packed file set-a*.tar.gz, in the order
// of the file.
func openPhysio(folder string) ([]physioRecord, error) {
	bad := func(format string, args ...any) error {
		return &ito.InputError{Where: "`data`", What: fmt.Sprintf(format, args...),
			Do: "give a folder with set-a-*.tar.gz of PhysioNet 2012 and normalisation.json"}
	}
	text, err := os.ReadFile(filepath.Join(folder, "normalisation.json"))
	if err != nil {
		return nil, bad("%v", err)
	}
	var n physioNorm
	if err := json.Unmarshal(text, &n); err != nil || len(n.Mean) != len(n.Attributes) || len(n.SD) != len(n.Mean) ||
		len(n.Mean) == 0 {
		return nil, bad("normalisation.json has %d attributes, %d means and %d standard deviations: %v",
			len(n.Attributes),
			len(n.Mean), len(n.SD), err)
	}
	names, err := filepath.Glob(filepath.Join(folder, "set-a*.tar.gz"))
	if err != nil || len(names) != 1 {
		return nil, bad("%s holds %d files set-a*.tar.gz", folder, len(names))
	}
	f, err := os.Open(names[0])
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, &ito.InputError{Where: names[0], What: err.Error()}
	}
	var out []physioRecord
	for t := tar.NewReader(z); ; {
		h, err := t.Next()
		switch {
		case errors.Is(err, io.EOF) && len(out) == 0:
			return nil, bad("%s has no records", names[0])
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return nil, &ito.InputError{Where: names[0], What: err.Error()}
		case h.Typeflag != tar.TypeReg:
			continue
		}
		r := physioRecord{id: strings.TrimSuffix(path.Base(h.Name), ".txt")}
		if r.x, err = n.read(t); err != nil {
			return nil, &ito.InputError{Where: names[0] + " " + h.Name, What: err.Error()}
		}
		out = append(out, r)
	}
}

// read is a record of lines Time,Parameter,Value with times as hours and minutes.
func (n physioNorm) read(from io.Reader) ([]float64, error) {
	x := make([]float64, len(n.Attributes)*physioHours)
	for i := range x {
		x[i] = math.NaN()
	}
	s := bufio.NewScanner(from)
	for line := 1; s.Scan(); line++ {
		cells := strings.Split(strings.TrimSpace(s.Text()), ",")
		if line == 1 || len(cells) == 1 && cells[0] == "" {
			continue
		}
		if len(cells) != 3 {
			return nil, fmt.Errorf("line %d has %d cells, not time, parameter and value", line, len(cells))
		}
		hours, _, _ := strings.Cut(cells[0], ":")
		hour, err := strconv.Atoi(hours)
		k := slices.Index(n.Attributes, cells[1])
		if err == nil && (k < 0 || hour >= physioHours) {
			continue
		}
		v, e := strconv.ParseFloat(cells[2], 64)
		if err = errors.Join(err, e); err != nil || hour < 0 {
			return nil, fmt.Errorf("line %d: %q is no time with a value", line, s.Text())
		}
		x[k*physioHours+hour] = (v - n.Mean[k]) / n.SD[k]
	}
	return x, s.Err()
}
