package train

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/task"
)

// input is what is learnt: rows, images, or text.
type input struct {
	table, from *data.Table
	frame       *frame.Frame // a table with types
	images      *data.Images
	tokens      *data.Tokens
	graphs      *data.Graphs
}

// open opens what is to be learnt. A file of images is known by its content.
func (c *Config) open(env *Env) (in input, err error) {
	if c.Epsilon > 0 || c.PublicSchema != "" {
		in.frame, err = c.public(env)
		return in, err
	}
	unit := task.Unit(c.Data, c.Unit)
	if unit != "" && c.Asked() {
		return in, notTyped(c.Data + " is text")
	}
	if unit != "" {
		return c.openTokens(env, unit)
	}
	if c.Length != 0 {
		return in, &ito.InputError{Where: "`length`", What: "it is for text, and " + c.Data + " holds none",
			Do: "leave it out, or give `unit`"}
	}
	if env.Open == nil && c.Data != "-" {
		if in.graphs, err = data.OpenGraphs(c.Data); err != nil {
			return in, err
		}
		if in.graphs != nil {
			return in, c.unfit("graphs")
		}
	}
	if env.Open == nil && c.Data != "-" {
		o := data.ImageOptions{Labels: c.Labels, Condition: c.Condition, Reading: data.OpenOptions{Header: c.Header}}
		if in.images, err = data.OpenImages(c.Data, o); err != nil {
			return in, err
		}
	}
	if in.images != nil && c.Asked() {
		_ = in.images.Close()
		return in, notTyped(c.Data + " holds images")
	}
	if in.images != nil {
		return in, c.draw(in.images)
	}
	for setting, given := range map[string]bool{"labels": c.Labels != "", "flip": c.Flip} {
		if given {
			return in, &ito.InputError{Where: "`" + setting + "`", What: "it is for images, and " + c.Data +
				" holds rows", Do: "leave it out"}
		}
	}
	if in.frame, err = c.typed(env); err != nil || in.frame != nil {
		return in, err
	}
	if in.table, err = env.Rows(c.Data, c.Reading, c.Condition, nil); err == nil && c.From != "" {
		in.from, err = env.Rows(c.From, c.Reading, c.Condition, nil)
	}
	return in, err
}

// openTokens opens a text.
func (c *Config) openTokens(env *Env, unit string) (in input, err error) {
	if err := c.unfit("text"); err != nil {
		return in, err
	}
	in.tokens, err = data.OpenTokens(c.Data, data.TokenOptions{Unit: unit, Length: c.Length,
		Reading: data.OpenOptions{Stdin: env.Stdin, Header: c.Header}})
	return in, err
}

// unfit refuses settings that neither text nor graphs have.
func (c *Config) unfit(what string) error {
	for setting, given := range map[string]bool{"labels": c.Labels != "", "flip": c.Flip, "from": c.From != "",
		"condition": len(c.Condition) > 0, "transform": c.Transform == "whiten"} {
		if given {
			return &ito.InputError{Where: "`" + setting + "`", What: "it is not for " + what + ", as " + c.Data +
				" holds",
				Do: "leave it out"}
		}
	}
	return nil
}

// draw describes how images are drawn, and refuses settings that they do not have.
func (c *Config) draw(s *data.Images) error {
	bad := func(setting, what, do string) error {
		_ = s.Close()
		return &ito.InputError{Where: "`" + setting + "`", What: what, Do: do}
	}
	switch {
	case c.From != "":
		return bad("from", c.Data+" holds images, and sampling starts at noise", "leave it out")
	case c.Transform == "whiten":
		return bad("transform", "images are brought to [-1,1], and not whitened",
			"leave it out, or give none for pixels in their own units")
	case len(c.Condition) > 0 && c.Labels == "":
		return bad("condition", c.Data+" holds images, which have no columns",
			"give labels too, whose columns it names")
	case c.Transform == "none":
		s.Raw()
	}
	s.Batch, s.Flip = c.Batch, c.Flip
	return nil
}

// set is what is learnt that is no table.
func (in input) set() recipe.Set {
	name, _ := in.names()
	if t := in.tokens; t != nil {
		return recipe.Set{Source: t, Name: name, Vocabulary: &t.Vocabulary}
	}
	if g := in.graphs; g != nil {
		return recipe.Set{Source: g, Name: name, Nodes: &g.Nodes}
	}
	return recipe.Set{Source: in.images, Name: name, Transform: in.images.Transform, Conditions: in.images.Conditions}
}

// space is that of what is no table.
func (in input) space() ito.Space {
	if in.table != nil || in.frame != nil {
		return ito.Space{}
	}
	return in.set().Space()
}

// sized fills in what the size of the data decides, and describes what it decided of a table with types.
func (c *Config) sized(in input, env *Env) {
	if in.frame == nil {
		c.TrainConfig = c.Sized(0, 0)
		return
	}
	chosen := c.Steps == 0
	rows, columns := in.frame.Rows, in.frame.Schema.Learnt()
	if c.TrainConfig = c.Sized(rows, columns); chosen {
		env.Tell(fmt.Sprintf("%d steps of %d rows, for %d rows of %d columns; `steps` says otherwise", c.Steps, c.Batch,
			rows, columns))
	}
}

// names are the name and digest of what is learnt.
func (in input) names() (name, digest string) {
	switch {
	case in.tokens != nil:
		return in.tokens.Name, in.tokens.Digest()
	case in.frame != nil:
		return in.frame.Name, in.frame.Digest()
	case in.graphs != nil:
		return in.graphs.Name, in.graphs.Digest()
	case in.images == nil:
		return in.table.Name, recipe.DataDigest(in.table, in.from)
	case in.images.Flip:
		return in.images.Name + ", mirrored", in.images.Digest()
	}
	return in.images.Name, in.images.Digest()
}

func (in input) close() {
	if in.images != nil {
		_ = in.images.Close() // it was read only
	}
	if in.frame != nil {
		_ = in.frame.Close() // the same
	}
}
