package evaluate

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/internal/table"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/task"
)

// TokenReport is the report of an evaluation of text.
type TokenReport struct {
	Samples     string `json:"samples"`
	Data        string `json:"data"`
	SampleTexts int    `json:"sample_texts"`
	DataTokens  int    `json:"data_tokens"`
	Length      int    `json:"length"` // tokens of a text
	Levels      int    `json:"levels"` // different tokens
	Solver      string `json:"solver,omitempty"`
	NFE         int    `json:"nfe,omitempty"`
	Seed        uint64 `json:"seed"`

	Ngrams  []Ngram `json:"ngrams"`
	Verdict string  `json:"verdict" says:"settings"`
}

// Ngram is the total variation between the n-grams of samples and data. Its floor is that between texts of the data
// that share no token, its baseline that of tokens that are drawn by their frequency alone.
type Ngram struct {
	N int `json:"ngram"`
	Distance
}

// MarshalJSON implements json.Marshaler: of text, the report is a TokenReport, of tables with types a
// TableReport, of likelihoods a LikelihoodReport with the verdict.
func (r *Report) MarshalJSON() ([]byte, error) {
	if r.Family != nil {
		return json.Marshal(r.Family)
	}
	if r.Table != nil {
		return json.Marshal(r.Table)
	}
	if r.Tokens != nil {
		return json.Marshal(r.Tokens)
	}
	if r.Likelihood != nil {
		return json.Marshal(struct {
			*LikelihoodReport
			Verdict string `json:"verdict"`
		}{r.Likelihood, r.Verdict})
	}
	type plain Report
	return json.Marshal((*plain)(r))
}

// evalTokens compares texts: a model's, which is sampled, or those of a file of lines.
func (c *Config) evalTokens(ctx context.Context, env *Env, m *ito.Model) (*Report, error) {
	for setting, given := range map[string]bool{"scale": len(c.Scale) > 0, "ignore": len(c.Ignore) > 0} {
		if given {
			return nil, &ito.InputError{Where: "`" + setting + "`", What: "it is for columns, and text has none",
				Do: "leave it out"}
		}
	}
	o := data.TokenOptions{Unit: task.Unit(c.Against, c.Unit), Reading: data.OpenOptions{Stdin: env.Stdin,
		Header: c.Header}}
	r := &TokenReport{Samples: c.Samples, Data: c.Against, Seed: c.Seed}
	var x ito.States
	var err error
	if m != nil {
		if o.Vocabulary = m.Vocabulary; o.Vocabulary == nil {
			o.Vocabulary = &ito.Vocabulary{Unit: ito.IDs}
		}
		if u := o.Vocabulary.Unit; c.Unit != "auto" && c.Unit != u {
			return nil, &ito.InputError{Where: "`unit`", What: fmt.Sprintf("the model's tokens are of unit %s", u),
				Do: "leave it out"}
		}
		o.Length, o.Levels = m.Space.Dim(), m.Space.Parts[0].Levels
		if x, err = c.sampleTokens(ctx, env, m, r); err != nil {
			return nil, err
		}
	} else if o.Unit == ito.IDs {
		t, err := data.OpenTokens(c.Samples, o)
		if err != nil {
			return nil, err
		}
		x = t.Apart()
	} else {
		t, err := data.OpenTokens(c.Against, o)
		if err != nil {
			return nil, err
		}
		if x, err = data.OpenLines(c.Samples, t.Vocabulary, env.Stdin); err != nil {
			return nil, err
		}
	}
	if m == nil {
		o.Length = x.D
	}
	truth, err := data.OpenTokens(c.Against, o)
	if err != nil {
		return nil, err
	}
	if truth.Length != x.D {
		return nil, &ito.InputError{Where: c.Against, What: fmt.Sprintf("its rows have %d tokens, the samples %d",
			truth.Length, x.D), Do: "give rows as long"}
	}
	y := truth.Apart()
	if y.N < 4 || x.N < 2 {
		return nil, &ito.InputError{Where: c.Against, What: fmt.Sprintf("%d samples and %d texts of the data are too "+
			"few to compare", x.N, y.N), Do: "give 2 samples and 4 texts, or more"}
	}
	r.SampleTexts, r.DataTokens, r.Length, r.Levels = x.N, truth.Size(), x.D, truth.Levels
	p := c.protocol()
	if most := min(x.N, y.N/2); p.Rows <= 0 || p.Rows > most {
		p.Rows = most // the floor has as many
	}
	alone := shuffledTokens(y, c.Seed)
	for _, n := range ngramsOf(x.D) {
		d, err := p.Measure(ctx, func(_ context.Context, x, y ito.States) (float64, error) {
			return metric.NgramTV(x, y, n)
		}, x, y, alone)
		if err != nil {
			return nil, err
		}
		r.Ngrams = append(r.Ngrams, Ngram{n, d})
	}
	r.Verdict = r.verdict()
	return &Report{Tokens: r, Verdict: r.Verdict}, nil
}

// ngramsOf are the n for texts of so many tokens: 1 to 3, and short texts as a whole.
func ngramsOf(length int) []int {
	var out []int
	for n := 1; n <= min(length, 3); n++ {
		out = append(out, n)
	}
	if length > 3 && length <= 8 {
		out = append(out, length)
	}
	return out
}

// sampleTokens draws the samples of a model.
func (c *Config) sampleTokens(ctx context.Context, env *Env, m *ito.Model, r *TokenReport) (ito.States, error) {
	cfg := c.sampling()
	if cfg.N == 0 {
		cfg.N = 7500
	}
	x := ito.NewStates(cfg.N, m.Space.Dim(), 0)
	if err := task.Fits("n", cfg.N, x.D); err != nil {
		return x, err
	}
	done := 0
	sampled, err := recipe.Sample(ctx, m, cfg, recipe.RunOptions{Workers: c.Workers, Version: env.Version},
		func(s ito.States) error {
			copy(x.X[done*x.D:], s.X)
			done += s.N
			env.Count("sample", int64(done), int64(cfg.N))
			return nil
		})
	r.Solver, r.NFE = sampled.Solver, sampled.NFE
	return x, err
}

// shuffledTokens are as many texts whose tokens are drawn from all of y, each by itself.
func shuffledTokens(y ito.States, seed uint64) ito.States {
	x := ito.NewStates(y.N, y.D, 0)
	draws := rng.NewKey(seed, rng.PurposeTarget, 0, 0)
	for i := range x.X {
		x.X[i] = y.X[draws.Intn(uint64(i), 0, len(y.X))]
	}
	return x
}

// above is by how much a total variation exceeds its floor, in standard deviations of both together, of one draw.
func (g Ngram) above() float64 {
	return (g.Value - g.Floor) / math.Max(math.Hypot(g.SD, g.FloorSD), 1e-12)
}

// sees reports n-grams that tell something: at a floor of more than a half, most of them occur once.
func (g Ngram) sees() bool { return g.Floor <= .5 }

// verdict says what the numbers say: n-grams count as those of the data where their total variation exceeds its floor
// by no more than three standard deviations, and say nothing where their floor is above a half.
func (r *TokenReport) verdict() string {
	var off, poor []string
	var longest *Ngram // that says something
	for i, g := range r.Ngrams {
		if !g.sees() {
			continue
		}
		longest = &r.Ngrams[i]
		if g.above() <= 3 {
			continue
		}
		off = append(off, fmt.Sprintf("%d-grams have total variation %s, data among themselves %s", g.N,
			table.Number(g.Value), table.Number(g.Floor)))
		if g.N > 1 && g.Value >= g.Baseline {
			poor = append(poor, fmt.Sprint(g.N))
		}
	}
	few := ""
	if g := r.Ngrams[len(r.Ngrams)-1]; !g.sees() {
		few = fmt.Sprintf(" Most of the %d-grams of %d texts occur once: compare more, or shorter texts.", g.N,
			g.Score.N)
	}
	switch {
	case longest == nil:
		return "Nothing can be said of so few texts." + few
	case len(off) == 0:
		return fmt.Sprintf("The %d-grams of the samples are as near to the data as the data to themselves: total "+
			"variation %s, floor %s.%s", longest.N, table.Number(longest.Value), table.Number(longest.Floor), few)
	case len(poor) > 0:
		return fmt.Sprintf("The samples differ from the data, and in %s-grams no less than tokens that are drawn by "+
			"their frequency alone: %s. Train for more `steps`, or a larger `network`.%s", strings.Join(poor, "- and "),
			strings.Join(off, "; "), few)
	}
	return fmt.Sprintf("The samples differ from the data: %s. Train for more `steps`, or sample with a larger `nfe`.%s",
		strings.Join(off, "; "), few)
}
