package train

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/data/frame"
)

// public reads a table by a public schema, so that nothing is inferred from its rows.
func (c *Config) public(env *Env) (*frame.Frame, error) {
	bad := func(setting, what, do string) error {
		return &ito.InputError{Where: "`" + setting + "`", What: what, Do: do}
	}
	switch {
	case c.PublicSchema == "":
		return nil, bad("epsilon", "types, levels, bounds and gaps of the columns would be taken from the rows",
			"declare them in a `public-schema`, of which ito schema writes the form")
	case c.Epsilon == 0:
		return nil, bad("public-schema", "it is for differential privacy", "give `epsilon`, or `schema` instead")
	case c.Schema != "" || len(c.Types) > 0 || c.From != "" || c.Transform != "standardise" || len(c.Scale) > 0 ||
		slices.Contains(data.Names(), c.Data):
		return nil, bad("epsilon", "it is for tables that the public schema describes, and settings beside it "+
			"would change them", "leave out `schema`, `types`, `from`, `scale` and `transform`")
	}
	s, err := frame.LoadSchema(c.PublicSchema)
	if err != nil {
		return nil, err
	}
	s.Columns = slices.DeleteFunc(s.Columns, func(k frame.Column) bool {
		return k.Ignored || slices.Contains(c.Ignore, k.Name)
	})
	s.AddRules(c.Constraint)
	if err := s.Check(c.PublicSchema); err != nil {
		return nil, err
	}
	tables := c.Tables
	tables.Ignore, tables.Constraint = nil, nil
	in, err := tables.Input(&env.Env, c.Data, c.Reading)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	f, err := in.Frame(*s)
	if err == nil {
		c.TrainConfig = c.OfTable()
	}
	return f, err
}

// secret is the seed of the noise: from the system's source of randomness, and while a training may be resumed in a
// file beside its checkpoint that only its owner can read.
func (c *Config) secret() (seed uint64, forget func() error, err error) {
	forget = func() error { return nil }
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		return 0, forget, err
	}
	seed = binary.LittleEndian.Uint64(b[:])
	if c.Out == "" {
		return seed, forget, nil
	}
	name := Checkpoint(c.Out) + ".key"
	forget = func() error {
		if err := os.Remove(name); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	if c.Resume {
		text, err := os.ReadFile(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			if _, e := os.Stat(Checkpoint(c.Out)); e == nil {
				return 0, forget, &ito.InputError{Where: name,
					What: "the key of the noise is gone, and without it the training cannot go on as it began",
					Do:   "start anew without `resume`"}
			}
		case err != nil:
			return 0, forget, err
		default:
			old, err := hex.DecodeString(strings.TrimSpace(string(text)))
			if err != nil || len(old) != len(b) {
				return 0, forget, &ito.InputError{Where: name, What: "it is no key",
					Do: "start anew without `resume`"}
			}
			return binary.LittleEndian.Uint64(old), forget, nil
		}
	}
	if err := forget(); err != nil {
		return 0, forget, err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, forget, fmt.Errorf("the key of the noise: %w", err)
	}
	_, err = fmt.Fprintln(f, hex.EncodeToString(b[:]))
	return seed, forget, errors.Join(err, f.Sync(), f.Close())
}
