package sample

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/interop"
	"github.com/seed9a7962a8/ito/recipe"
)

// mostScheduler bounds the file of a scheduler in bytes.
const mostScheduler = 8 << 20

// scheduler reads what SCHEDULER names and says what of it has no part in the samples. It returns a digest of all that
// the bytes depend on.
func (c *Config) scheduler(env *Env, m *ito.Model) (digest string, err error) {
	words := strings.Split(c.Scheduler, ",")
	s, err := readScheduler(words[0])
	if err != nil {
		return "", err
	}
	s, call, err := s.Settings(words[1:])
	if err != nil {
		return "", err
	}
	c.Scheduled = &recipe.Scheduled{Scheduler: s, Call: call}
	p, err := recipe.SchedulerPlan(m, c.SampleConfig)
	if err != nil {
		return "", err
	}
	for _, n := range p.Notices {
		env.Tell(n)
	}
	if n := clipped(s, m); n != "" {
		env.Tell(n)
	}
	return fmt.Sprintf("%x", sha256.Sum256(append(s.Encode(true), c.Scheduler...))), nil
}

// readScheduler reads a file, or makes the scheduler of a class.
func readScheduler(word string) (*interop.Scheduler, error) {
	ext := filepath.Ext(word)
	if info, err := os.Stat(word); ext == "" && err != nil {
		return interop.NewScheduler(word)
	} else if err == nil && info.IsDir() {
		return nil, &ito.InputError{Where: word, What: "it is a folder", Do: "name its scheduler_config.json"}
	} else if err == nil && info.Size() > mostScheduler {
		return nil, &ito.InputError{Where: word, What: fmt.Sprintf("it has %d bytes", info.Size()),
			Do: "give the scheduler_config.json that diffusers wrote"}
	}
	b, err := os.ReadFile(word)
	if err != nil {
		do := "give the scheduler_config.json that diffusers wrote"
		if errors.Is(err, fs.ErrNotExist) {
			do += ", or the name of a class, as EulerDiscrete"
		}
		return nil, &ito.InputError{Where: "`scheduler`", What: err.Error(), Do: do}
	}
	s, err := interop.ParseScheduler(b)
	var bad *ito.InputError
	if errors.As(err, &bad) {
		return nil, &ito.InputError{Where: word, What: bad.What, Do: bad.Do}
	}
	return s, err
}

// clipped reports that a scheduler cuts predictions of the data where states of the model go on.
func clipped(s *interop.Scheduler, m *ito.Model) string {
	on, _ := s.Lookup("clip_sample")
	if string(on) != "true" || m.Transform.Kind != "standardise" && m.Transform.Kind != "whiten" {
		return ""
	}
	at := "1"
	if r, _ := s.Lookup("clip_sample_range"); len(r) > 0 {
		at = string(r)
	}
	return fmt.Sprintf("%s cuts predictions of the data at ±%s (clip_sample), and the states of this model are "+
		"columns in standard deviations, which go beyond: samples will be too narrow. Add clip_sample=false",
		s.Class(), at)
}
