package train

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/data/relate"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

// Tables sets which tables have rows that belong to those of DATA.
type Tables struct {
	Child    []string `where:"local" sep:"none" placeholder:"FILE" help:"A table whose rows belong to rows of DATA, such as the orders of customers; may be given again. Settings of its columns have its name before them, as --types orders.size=category, --ignore orders.note, --constraint 'orders: a <= b'"`
	Key      []string `where:"local" sep:"none" placeholder:"COL" help:"The column of DATA that a child's rows name it by: customer_id, id=customer_id where the child calls it otherwise, or several with commas between. Once for all children, or once for each, in their order"`
	Orphans  string   `where:"local" default:"refuse" enum:"refuse,drop" help:"Rows of a child that belong to no row of DATA: ${enum}"`
	Siblings string   `where:"local" default:"previous" enum:"previous,place,none" help:"What a child's row depends on beside its parent, in the order of the file: ${enum}: the row before it of the same parent and its place, its place alone, or nothing"`
}

// asked reports a setting of several tables without children.
func (t Tables) asked() bool {
	return len(t.Key) > 0 || t.Orphans == "drop" || t.Siblings != "previous" && t.Siblings != ""
}

// TableReport is what training one of several tables did.
type TableReport struct {
	Name string `json:"table"`
	*recipe.TrainReport
	Count string `json:"count,omitempty"` // of a child: the column of its parent with the number of its rows
	// of a child: the most rows of a parent, parents without any, rows that were left out
	Most    int `json:"most,omitempty"`
	Without int `json:"without,omitempty"`
	Orphans int `json:"orphans,omitempty"`
}

// several trains a model of several tables.
func (c *Config) several(ctx context.Context, env *Env) (Report, error) {
	bad := func(setting, what, do string) (Report, error) {
		return Report{}, &ito.InputError{Where: "`" + setting + "`", What: what, Do: do}
	}
	switch {
	case c.From != "" || c.Labels != "" || c.Flip || c.Unit != "auto" && c.Unit != "" || c.Length != 0:
		return bad("child", "tables that belong together are no images, no text, and start at noise",
			"leave out `from`, `labels`, `flip`, `unit` and `length`")
	case c.Epsilon > 0 || c.PublicSchema != "":
		return bad("epsilon", "its promise is for one row of one table, and a parent has as many more as it has "+
			"children",
			"train one table with a row a person")
	case len(c.Scale) > 0:
		return bad("scale", "the columns of a table with types each have a map of their own", "leave it out")
	case env.Checkpoints != nil || env.Save != nil || env.Open != nil:
		return bad("child", "several tables are trained from files to a file", "give files")
	}
	if _, err := task.Beside(c.Out, ".checkpoint"); err != nil {
		return Report{}, err
	}
	parent, children, err := task.Related{Child: c.Several.Child, Key: c.Several.Key}.Sides(&env.Env, c.Tables,
		c.Reading, c.Data)
	if err != nil {
		return Report{}, err
	}
	t, err := relate.Read(parent, children, c.Several.Orphans == "drop")
	if err != nil {
		return Report{}, err
	}
	defer t.Close()
	for _, n := range t.Notes {
		env.Tell(n)
	}
	names := []string{t.Name}
	for _, k := range t.Children {
		names = append(names, k.Name)
	}
	if c.Resume && task.Exists(c.Out) && !slices.ContainsFunc(names, func(n string) bool {
		return task.Exists(TableCheckpoint(c.Out, n))
	}) {
		return c.finishedTables(t, env)
	}
	pool, done := env.PoolOf(c.Workers)
	defer done()
	report := Report{}
	run := recipe.TablesOptions{Siblings: c.Several.Siblings,
		RunOptions: recipe.RunOptions{Progress: env.Env.Train, Pool: pool, Workers: c.Workers, Every: c.Every,
			Resume: c.Resume, Version: env.Version},
		Places: func(table string) store.Checkpoints { return store.CheckpointFile(TableCheckpoint(c.Out, table)) },
		Begin: func(table string, of *encode.Table) {
			env.TellSchema(table, frame.Schema{Columns: of.Schema.Columns}, nil)
		}}
	m, reports, err := recipe.FitTables(ctx, t, c.TrainConfig, run)
	if err != nil {
		return Report{}, err
	}
	created := env.Time().UTC().Format(time.RFC3339)
	m.Parent.Provenance.Created = created
	m.Parent.Provenance.Digest, m.Parent.Provenance.Data = t.Digest(), c.Data
	for i := range m.Children {
		if k := m.Children[i].Model; k != nil {
			k.Provenance.Created, k.Provenance.Data = created, c.Several.Child[i]
		}
	}
	if err := store.SaveTables(c.Out, m); err != nil {
		return Report{}, err
	}
	for i, r := range reports {
		one := TableReport{Name: names[i], TrainReport: r}
		if i > 0 {
			k := &t.Children[i-1]
			one.Count, one.Most, one.Without, one.Orphans = k.Count, k.Most, k.Without, k.Orphans
		}
		report.Tables = append(report.Tables, one)
	}
	for _, n := range names {
		if e := store.CheckpointFile(TableCheckpoint(c.Out, n)).Remove(); e != nil {
			err = errors.Join(err, e)
		}
	}
	report.Family = m
	return report, err
}

// TableCheckpoint is the name of the file beside a model of several tables where the training of one keeps its
// checkpoints.
func TableCheckpoint(out, table string) string { return out + "." + table + ".checkpoint" }

// Checkpoints are the files beside the model where the training keeps checkpoints, those of the table that is trained
// last first.
func (c *Config) Checkpoints() []string {
	if len(c.Several.Child) == 0 {
		return []string{Checkpoint(c.Out)}
	}
	names := []string{TableCheckpoint(c.Out, relate.Name(c.Data))}
	for _, k := range c.Several.Child {
		names = slices.Insert(names, 0, TableCheckpoint(c.Out, relate.Name(k)))
	}
	return names
}

// finishedTables answers Resume where the model is there and no checkpoint.
func (c *Config) finishedTables(t *relate.Tables, env *Env) (Report, error) {
	m, _, err := store.LoadTables(c.Out)
	if err != nil {
		return Report{}, err
	}
	var was recipe.TrainConfig
	if err := spec.Parse(c.Out, m.Parent.Provenance.Config, &was); err != nil {
		return Report{}, err
	}
	now, err := c.TrainConfig.OfTables()
	now = now.Sized(t.Parent.Rows, t.Parent.Schema.Learnt())
	if err == nil {
		err = store.CompareConfig(spec.Canonical(&was), spec.Canonical(&now))
	}
	changed := (*store.ConfigError)(nil)
	for _, k := range m.Children {
		if err == nil && k.Siblings != c.Several.Siblings {
			err = &store.ConfigError{Field: "siblings", Saved: k.Siblings, Now: c.Several.Siblings}
		}
	}
	if d := t.Digest(); err == nil && m.Parent.Provenance.Digest != d {
		err = &store.ConfigError{Field: "data", Saved: brief(m.Name, m.Parent.Provenance.Digest), Now: brief(t.Name, d)}
	}
	if errors.As(err, &changed) {
		changed.Where = "the model"
	}
	if err != nil {
		return Report{}, fmt.Errorf("%s: %w", c.Out, err)
	}
	env.Tell(c.Out + " is finished; nothing to do")
	return Report{Finished: true, Out: c.Out, Family: m}, nil
}
