package recipe

import (
	"context"

	"github.com/seed9a7962a8/ito"
)

// Set is what a model is made of that is no table: a Source, and what turns its states into rows of a person's units.
type Set struct {
	ito.Source
	Name       string          // for the provenance
	Transform  ito.Transform   // between rows and states, of the width of a row
	Columns    []string        // names of the columns of a row; nil: they have none
	Vocabulary *ito.Vocabulary // of the tokens of a text; nil: they have no names, or there are none
	Encoding   ito.Encoding    // of a table with typed columns, instead of Transform; nil: there is none
	Nodes      *ito.NodeLaw    // of graphs, which have masks: how many nodes they have; nil: nothing is said
	Conditions []ito.Condition // what the source's condition is made of; a mask stands behind them
}

// FitSource is [Fit] on a source of states of any space, which the model holds. Transform and condition are what
// the set says; the setting Scale belongs to tables and is refused.
func FitSource(ctx context.Context, s Set, cfg TrainConfig, run RunOptions) (*ito.Model, *TrainReport, error) {
	return (&fit{set: s, cfg: cfg, run: run}).fit(ctx)
}

// check reports settings that a set does not have, and parts that do not fit each other.
func (s Set) check(cfg TrainConfig) error {
	bad := func(where, what, do string) error { return &ito.InputError{Where: where, What: what, Do: do} }
	space := s.Space()
	if err := space.Check(); err != nil {
		return err
	}
	m := ito.Model{Space: space, Conditions: s.Conditions, Encoding: s.Encoding}
	switch _, d := s.Transform.Dims(space.Dim()); {
	case s.Encoding != nil && (s.Encoding.Dim() != space.Dim() || s.Transform.Kind != "" || len(s.Conditions) > 0):
		return bad(s.Name, "its encoding makes other states than its space has, or stands beside a transform", "")
	case s.Encoding != nil && len(cfg.Scale) == 0 && s.Len() > 0 && m.CondWidth() == s.CondWidth():
	case len(cfg.Condition) > 0 && len(s.Conditions) == 0:
		return bad("`condition`", "it names columns, and "+s.Name+" has none", "leave it out, or give labels")
	case len(cfg.Scale) > 0:
		return bad("`scale`", "it is for columns of a table, and "+s.Name+" has none", "leave it out")
	case space.Mask != nil && s.Nodes != nil && cfg.Prior == "moments":
		return bad("`prior`", "a prior with moments is of graphs of one size", "give `prior=own`")
	case s.Len() < 1:
		return bad(s.Name, "there are no examples", "give one or more")
	case d != space.Dim():
		return bad(s.Name, "its transform makes states of another dimension than its space", "")
	case m.CondWidth() != s.CondWidth():
		return bad(s.Name, "its conditions have another width than its source's", "")
	case !space.Free() && s.Transform.Kind != "" && s.Transform.Kind != "none":
		return bad(s.Name, "a transform would break the rules of its space", "give states, and no transform")
	}
	return nil
}
