package draws

import (
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
)

func (c *csvChain) header(line string) error {
	columns, err := splitHeader(line)
	if err != nil {
		return &ito.InputError{Where: fmt.Sprintf("%s: line %d", c.name, c.line),
			What: "the quotes in the header do not match", Do: "write each name in one pair of quotes"}
	}
	c.columns = columns
	seen := map[string]int{}
	for i, name := range c.columns {
		name = cmdstanName(strings.TrimSpace(name))
		c.columns[i] = name
		at, twice := seen[name]
		_, err := strconv.ParseFloat(name, 64)
		switch {
		case name == "" && i == 0 && len(c.columns) > 1: // the row's name, of R and pandas
			c.columns[0] = rowNames
		case name == "" || strings.ContainsAny(name, "\"#"):
			return c.wrong(i, fmt.Sprintf("%q is not a column's name", name), "begin the file with a header")
		case err == nil:
			return c.wrong(i, fmt.Sprintf("the header has the number %s where the name of a column is due", name),
				"begin the file with a header")
		case twice:
			return c.wrong(i, fmt.Sprintf("columns %d and %d have the one name %q", at+1, i+1, name),
				"give each column its own name")
		}
		seen[name] = i
	}
	c.rows = newSheet(c.rows.words, c.rows.end, len(c.columns))
	_, layout := c.says("stan_version_major", 0) // one chain a file: a column called chain is a parameter
	c.index = findIndices(c.columns, func(string) bool { return false }, !layout)
	c.index.drop[0] = c.index.drop[0] || c.columns[0] == rowNames
	return nil
}

// rowNames is the column of the rows' names, as R and pandas write it: it has none itself.
const rowNames = "\"\""

// splitHeader takes the header apart: names that hold commas are quoted (RFC 4180).
func splitHeader(line string) ([]string, error) {
	if !strings.Contains(line, `"`) {
		return strings.Split(line, ","), nil
	}
	r := csv.NewReader(strings.NewReader(line))
	r.TrimLeadingSpace = true
	return r.Read()
}

// comment reads a line of the configuration, of the adaptation or of the times.
func (c *csvChain) comment(s string) error {
	switch {
	case strings.HasPrefix(s, "Adaptation terminated"):
		c.before = c.count()
		c.adapted = true
	case strings.HasPrefix(s, "Elapsed Time"):
		c.matrix = false
		c.time(s)
	case strings.HasSuffix(s, "seconds (Sampling)"):
		c.time(s)
	case strings.HasPrefix(s, "Diagonal elements of"):
		c.matrix, c.adaptation.Dense = true, false
	case strings.HasPrefix(s, "Elements of inverse"):
		c.matrix, c.adaptation.Dense = true, true
	case c.matrix && s != "":
		return c.matrixRow(s)
	default:
		key, value, ok := strings.Cut(s, "=")
		if !ok {
			c.section = strings.TrimSpace(strings.TrimSuffix(s, "(Default)"))
			return nil
		}
		key, value = strings.TrimSpace(key), strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value),
			"(Default)"))
		if key == "Step size" {
			v, err := number(value)
			if err != nil {
				return &ito.InputError{Where: fmt.Sprintf("%s: line %d", c.name, c.line),
					What: fmt.Sprintf("the step size %s is not a number", brief(value)),
					Do:   "restore the file as the sampler wrote it"}
			}
			c.adaptation.StepSize = v
			return nil
		}
		if key == "file" && c.section == "data" {
			c.data = value
		}
		c.settings = append(c.settings, Setting{key, value})
	}
	return nil
}

// matrixRow reads a row of the inverse mass matrix. What is not one ends the matrix.
func (c *csvChain) matrixRow(s string) error {
	var row []float64
	for cell := range strings.SplitSeq(s, ",") {
		v, err := number(strings.TrimSpace(cell))
		if err != nil {
			c.matrix = false
			return nil
		}
		row = append(row, v)
	}
	c.adaptation.InvMetric = append(c.adaptation.InvMetric, row...)
	if !c.adaptation.Dense || len(c.adaptation.InvMetric) >= len(row)*len(row) {
		c.matrix = false
	}
	return nil
}

func (c *csvChain) time(s string) {
	s = strings.TrimSpace(strings.TrimPrefix(s, "Elapsed Time:"))
	value, what, ok := strings.Cut(s, " seconds (")
	if !ok {
		return
	}
	v, err := number(value)
	if err != nil {
		return
	}
	switch what {
	case "Warm-up)":
		c.elapsed.Warmup = v
	case "Sampling)":
		c.elapsed.Sampling, c.timed = v, true
	}
}

func (c *csvChain) setting(key string) string {
	value, _ := c.says(key, 0)
	return value
}

func (c *csvChain) wholeNumber(key string) int {
	v, err := strconv.Atoi(c.setting(key))
	if err != nil || v < 0 {
		return 0
	}
	return v
}

// warm is the number of rows that are warm-up: those before the adaptation's result, or, without one, as many as
// the configuration says were saved.
func (c *csvChain) warm() int {
	if c.before >= 0 {
		return c.before
	}
	if c.setting("method") == "variational" { // its first row is the mean of the approximation
		return min(1, c.count())
	}
	if saved := c.setting("save_warmup"); saved != "1" && saved != "true" || c.setting("algorithm") == "fixed_param" {
		return 0
	}
	thin := max(c.wholeNumber("thin"), 1)
	return min(c.wholeNumber("num_warmup")/thin+btoi(c.wholeNumber("num_warmup")%thin > 0), c.count())
}
