package draws

import (
	"bufio"
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// writeCSV writes one chain in CmdStan's layout: the configuration as comments, the header, the result of
// the adaptation, the rows, and where CmdStan tells the time, a line that it is not told: a parser that
// counts draws by the comments around them needs it.
func writeCSV(w *bufio.Writer, m *Meta, j *Journal, chain int) error {
	for _, s := range m.layout(j.rows, chain) {
		fmt.Fprintln(w, s)
	}
	// cmdstanpy before 1.3 looks for this result after the header in files of NUTS only, and for draws in the others.
	nuts := m.Find(Depth) >= 0
	if m.Adaptation != nil && !nuts {
		writeAdaptation(w, m.Adaptation[chain])
	}
	fmt.Fprintln(w, strings.Join(m.Columns, ","))
	if m.Adaptation != nil && nuts {
		writeAdaptation(w, m.Adaptation[chain])
	}
	whole := make([]bool, len(m.Columns))
	for k, name := range m.Columns {
		whole[k] = name == Depth || name == Leapfrogs || name == Divergent || name == Ancestor
	}
	line := make([]byte, 0, 32*len(m.Columns))
	err := j.scan(chain, func(_ int, rows []float64) error {
		for ; len(rows) > 0; rows = rows[len(whole):] {
			line = line[:0]
			for k, v := range rows[:len(whole)] {
				if k > 0 {
					line = append(line, ',')
				}
				line = appendNumber(line, v, whole[k])
			}
			if _, err := w.Write(append(line, '\n')); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(w, "# \n#  Elapsed Time: not written, so that equal draws make equal files\n# \n")
	return err
}

// appendNumber writes v as C++ does: nan, inf, -inf; whole numbers of some statistics without an exponent.
func appendNumber(b []byte, v float64, whole bool) []byte {
	switch {
	case math.IsNaN(v):
		return append(b, "nan"...)
	case math.IsInf(v, 1):
		return append(b, "inf"...)
	case math.IsInf(v, -1):
		return append(b, "-inf"...)
	case whole && v == math.Trunc(v) && math.Abs(v) < 1e15:
		return strconv.AppendInt(b, int64(v), 10)
	}
	return strconv.AppendFloat(b, v, 'g', -1, 64)
}

func writeAdaptation(w *bufio.Writer, a Adaptation) {
	fmt.Fprintf(w, "# Adaptation terminated\n# Step size = %s\n", appendNumber(nil, a.StepSize, false))
	width := len(a.InvMetric)
	switch {
	case width == 0: // CmdStan has a line here at which cmdstanpy before 1.2 stumbles
		return
	case a.Dense:
		fmt.Fprintln(w, "# Elements of inverse mass matrix:")
		width = int(math.Round(math.Sqrt(float64(width))))
	default:
		fmt.Fprintln(w, "# Diagonal elements of inverse mass matrix:")
	}
	for row := a.InvMetric; len(row) > 0; row = row[min(width, len(row)):] {
		b := []byte("# ")
		for k, v := range row[:min(width, len(row))] {
			if k > 0 {
				b = append(b, ", "...)
			}
			b = appendNumber(b, v, false)
		}
		w.Write(append(b, '\n'))
	}
}

// layout is the configuration as CmdStan nests it. A sampler that is not one of CmdStan's stands
// under its own name as the algorithm.
func (m *Meta) layout(rows int64, chain int) []string {
	thin := int64(max(m.Thin, 1))
	var out []string
	put := func(depth int, key, value string) {
		out = append(out, "# "+strings.Repeat("  ", depth)+key+" = "+value)
	}
	section := func(depth int, name string) { out = append(out, "# "+strings.Repeat("  ", depth)+name) }
	out = append(out, csvTitle+" in the layout of the version of CmdStan that is named here; no Stan took part.")
	put(0, "stan_version_major", "2") // cmdstanpy's draws_xr asks for it
	put(0, "stan_version_minor", "32")
	put(0, "stan_version_patch", "0")
	put(0, "model", cmp.Or(m.Model, "model"))
	if m.IsPoint() {
		put(0, "method", "optimize")
		section(1, "optimize")
		put(2, "algorithm", "lbfgs")
		put(0, "id", "1")
		section(0, "random")
		put(1, "seed", strconv.FormatUint(m.Seed, 10))
		return m.told(out)
	}
	put(0, "method", "sample")
	section(1, "sample")
	put(2, "num_samples", strconv.FormatInt(rows*thin, 10))
	put(2, "num_warmup", strconv.Itoa(max(m.Warmup, 1))) // cmdstanpy refuses 0; the line warmup tells the truth
	put(2, "save_warmup", "0")
	put(2, "thin", strconv.FormatInt(thin, 10))
	section(2, "adapt")
	put(3, "engaged", strconv.Itoa(btoi(m.Adaptation != nil && m.Warmup > 0)))
	switch m.Method {
	case "nuts", "hmc":
		put(2, "algorithm", "hmc")
		section(3, "hmc")
		if m.Method == "nuts" {
			put(4, "engine", "nuts")
			section(5, "nuts")
			put(6, "max_depth", strconv.Itoa(m.MaxDepth))
		} else {
			put(4, "engine", "static")
		}
	default:
		put(2, "algorithm", cmp.Or(m.Method, "fixed_param"))
	}
	put(4, "metric", m.metric(chain))
	put(0, "id", strconv.Itoa(chain+1))
	section(0, "random")
	put(1, "seed", strconv.FormatUint(m.Seed, 10))
	put(0, "chains", strconv.Itoa(m.Chains))
	put(0, "warmup", strconv.Itoa(m.Warmup))
	return m.told(out)
}

// told adds what ito says of its files.
func (m *Meta) told(out []string) []string {
	out = append(out, "# sampler = "+cmp.Or(m.Method, "fixed_param"), "# "+writtenBy+" = ito")
	for _, s := range m.Config { // without blanks: cmdstanpy looks for "metric =" in every line
		out = append(out, "# "+s.Key+"="+s.Value)
	}
	return out
}

func (m *Meta) metric(chain int) string {
	switch {
	case m.Adaptation == nil || len(m.Adaptation[chain].InvMetric) == 0:
		return "unit_e"
	case m.Adaptation[chain].Dense:
		return "dense_e"
	}
	return "diag_e"
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
