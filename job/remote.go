package job

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/task"
)

// ending is what the end of a result's name may be where it comes from elsewhere.
var ending = regexp.MustCompile(`^(\.[a-z0-9]{1,12})?$`)

// Portable reports as an *ito.InputError why shards of the job cannot be computed elsewhere.
func (j *Job) Portable() error {
	if !j.manifest.kind.portable() {
		return &ito.InputError{Where: "kind", What: "the report of " + j.Plan.Kind + " names the files as this " +
			"machine calls them, so it is not for workers elsewhere", Do: "leave the broker out"}
	}
	for name := range j.Plan.Local {
		return &ito.InputError{Where: "`" + name + "`", What: "it is for the one who runs the program, and workers " +
			"elsewhere do not take it from a broker", Do: "leave it out, or the broker"}
	}
	return nil
}

// Remote makes the job of a plan that came from elsewhere. Nothing in it is trusted: local settings are refused, files
// are those of here, by their digest, and the store, which must be that of the job, is the one that was given here.
// What this process would not compute to the same bytes is a *MisfitError or an *ito.InputError.
func Remote(ctx context.Context, p *ShardPlan, s Store, files map[string]string, env Env) (*Job, error) {
	k := kinds[p.Kind]
	refuse := func(what, do string) error { return &ito.InputError{Where: "the job", What: what, Do: do} }
	switch {
	case k == nil:
		return nil, refuse(fmt.Sprintf("there is no kind %q here", brief(p.Kind)), "run the same program everywhere")
	case !k.portable() || len(p.Local) > 0:
		return nil, refuse("it has settings that are for the one who runs the program", "run it there")
	case !ending.MatchString(p.Ending):
		return nil, refuse(fmt.Sprintf("a result whose name ends in %q", p.Ending), "")
	case p.Shards < 1 || p.Shards > 100000:
		return nil, refuse(fmt.Sprintf("%d shards", p.Shards), "")
	}
	m := &Manifest{Header: Header{p.Kind, p.Shards}, kind: k, settings: k.fresh()}
	if err := spec.DecodeRemote("the job", p.Settings, m.settings); err != nil {
		return nil, err
	}
	refs := k.inputs(m.settings)
	for _, in := range p.Inputs {
		i := slices.IndexFunc(refs, func(r Reference) bool { return r.Setting == in.Setting })
		if i < 0 {
			return nil, refuse(fmt.Sprintf("a file for %q", brief(in.Setting)), "")
		}
		switch path, here := files[in.Digest]; {
		case in.Digest == "" && !builtin.MatchString(in.Name):
			return nil, refuse(fmt.Sprintf("%q is no name of something built in", brief(in.Name)), "")
		case in.Digest == "":
			*refs[i].Path = in.Name
		case !here:
			return nil, refuse("`"+in.Setting+"` is "+in.words()+", and this worker was given no such file",
				"give it to the worker")
		default:
			*refs[i].Path = path
		}
	}
	m.SetOut(filepath.Join(os.TempDir(), "ito-shard"+p.Ending))
	if err := errors.Join(spec.Check(m.settings), k.refuse(m.settings)); err != nil {
		return nil, err
	}
	here, err := MakePlan(m, task.Program(env.Version))
	if err != nil {
		return nil, err
	}
	if err := p.Fits(here); err != nil {
		return nil, err
	}
	there, err := readPlan(ctx, s)
	if errors.Is(err, fs.ErrNotExist) || err == nil && there.ID() != p.ID() {
		return nil, refuse("the store "+s.String()+" is not the one that it was begun with", "give the worker the "+
			"same `store`")
	}
	if err != nil {
		return nil, err
	}
	return &Job{Plan: p, ID: p.ID(), Store: s, manifest: m, env: env}, nil
}

// Look compares what is known with the store: shards that are new there are counted as committed, damaged ones are
// removed. It returns those that are missing; a *DisagreeError ends the job.
func (r *Running) Look(ctx context.Context) (todo []int, err error) {
	all, err := r.disputes(ctx)
	if err != nil {
		return nil, err
	}
	if len(all) > 0 {
		return nil, &DisagreeError{all[0]}
	}
	names, err := r.Store.List(ctx, "shard-")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	for i := range r.Plan.Shards {
		name := shardName(i)
		_, there := slices.BinarySearch(names, name)
		r.mu.Lock()
		known := r.state.Committed[i].Digest != ""
		r.mu.Unlock()
		switch {
		case !there && known: // it was lost
			r.Lost(i)
			todo = append(todo, i)
		case !there:
			todo = append(todo, i)
		case !known:
			c, err := r.receipt(ctx, i)
			switch {
			case errors.Is(err, errDamaged):
				r.env.Tell(name + " is damaged; it is computed again")
				if err := r.Store.Remove(ctx, name); err != nil {
					return nil, err
				}
				todo = append(todo, i)
			case errors.Is(err, fs.ErrNotExist):
				todo = append(todo, i)
			case err != nil:
				return nil, err
			default:
				r.Committed(c, "", 0)
			}
		}
	}
	return todo, nil
}

// Lost tells that a shard is no longer there.
func (r *Running) Lost(i int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c := &r.state.Committed[i]; c.Digest != "" {
		r.state.Done--
		r.state.Rows -= c.Rows
		*c = Receipt{}
	}
}

// Tell notes a line for a person.
func (r *Running) Tell(line string) { r.env.Tell(line) }

// FilesByDigest reads files and returns their names by their digest.
func FilesByDigest(names []string) (map[string]string, error) {
	all := map[string]string{}
	for _, name := range names {
		d, err := digestOf(name)
		if err != nil {
			return nil, err
		}
		if d == "" {
			return nil, &ito.InputError{Where: name, What: "there is no such file", Do: "give a file"}
		}
		all[d] = name
	}
	return all, nil
}

// Token is the first line of a file; "" without one.
func Token(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return "", &ito.InputError{Where: "`token-file` " + file, What: errors.Unwrap(err).Error(),
			Do: "give a file with the token"}
	}
	line, _, _ := strings.Cut(string(b), "\n")
	if line = strings.TrimSpace(line); len(line) < 16 {
		return "", &ito.InputError{Where: "`token-file` " + file,
			What: fmt.Sprintf("a token of %d characters can be guessed", len(line)), Do: "write 16 or more on its " +
				"first line, as from: openssl rand -hex 32"}
	}
	return line, nil
}
