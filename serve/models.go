package serve

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	dataforecast "github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/internal/suggest"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/task/forecast"
)

// extension is that of the models of a directory.
const extension = ".safetensors"

// rescan is the shortest time between two looks at the directories.
const rescan = time.Second

// models are the models of some files and directories, by name. A directory is looked at again as time goes by; a
// file that has changed is read anew and replaces the model for the requests that come after, whole or not at all.
type models struct {
	places []string
	most   int // in memory
	log    *slog.Logger
	clock  atomic.Int64 // counts uses

	mu      sync.Mutex
	looked  time.Time
	entries map[string]*entry
}

// entry is a file that should hold a model.
type entry struct {
	name, file string
	used       atomic.Int64
	current    atomic.Pointer[served]
	card       atomic.Pointer[Card]        // stays when the model leaves the memory
	stamp      atomic.Pointer[fs.FileInfo] // of the file that card is of

	mu    sync.Mutex  // held while the file is read
	tried fs.FileInfo // of the reading that failed
	fault error
}

// served is a model as it was read. It never changes, but for plans that it keeps.
type served struct {
	name, digest string
	model        *ito.Model           // nil: it is no sampler
	forecaster   *forecast.Forecaster // nil: it is no forecaster
	source       []byte               // of the model language; nil: it is no file of it
	card         *Card
	info         fs.FileInfo

	mu    sync.Mutex
	plans map[string]*recipe.Planned // of small requests, by what they have in common
}

func newModels(places []string, most int, log *slog.Logger) (*models, error) {
	m := &models{places: places, most: most, log: log}
	if len(places) == 0 {
		return nil, &ito.InputError{Where: "MODEL", What: "nothing is to be served",
			Do: "give a model that ito train wrote, or a directory of them"}
	}
	from := map[string]string{}
	for _, p := range places {
		info, err := os.Stat(p)
		switch {
		case err != nil:
			return nil, &ito.InputError{Where: p, What: pathless(err), Do: "give a model, or a directory of them"}
		case !info.IsDir() && !isDensity(p) && task.KindOf(p) != task.Safetensors:
			return nil, &ito.InputError{Where: p, What: "it holds no model",
				Do: "give one that ito train wrote, or a " + language + " file"}
		}
		files := filesOf(p)
		if len(files) == 0 {
			return nil, &ito.InputError{Where: p, What: "there is no model in it (*" + extension + ", *" +
				language + ")",
				Do: "let ito train write one there"}
		}
		for _, f := range files {
			if other, twice := from[nameOf(f)]; twice && other != f {
				return nil, &ito.InputError{Where: f, What: other + " has the same name", Do: "rename one of the two"}
			}
			from[nameOf(f)] = f
		}
	}
	m.look(true)
	return m, nil
}

// filesOf lists the files of a place.
func filesOf(place string) []string {
	info, err := os.Stat(place)
	if err != nil || !info.IsDir() {
		return []string{place}
	}
	list, err := os.ReadDir(place)
	if err != nil {
		return nil
	}
	var files []string
	for _, f := range list {
		known := strings.HasSuffix(f.Name(), extension) || isDensity(f.Name())
		if known && !strings.HasPrefix(f.Name(), ".") && !f.IsDir() {
			files = append(files, filepath.Join(place, f.Name()))
		}
	}
	return files
}

func nameOf(file string) string {
	return strings.TrimSuffix(strings.TrimSuffix(filepath.Base(file), extension), language)
}

// look lists the files again, unless that was done just now.
func (m *models) look(now bool) map[string]*entry {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !now && time.Since(m.looked) < rescan {
		return m.entries
	}
	found := map[string]*entry{}
	for _, p := range m.places {
		for _, f := range filesOf(p) {
			name := nameOf(f)
			if found[name] != nil {
				continue
			}
			if e := m.entries[name]; e != nil && e.file == f {
				found[name] = e
			} else {
				found[name] = &entry{name: name, file: f}
			}
		}
	}
	m.entries, m.looked = found, time.Now()
	return found
}

func (m *models) count() int { return len(m.look(false)) }

// names lists the models in order.
func (m *models) names() []string {
	var names []string
	for name := range m.look(false) {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// get returns the model of a name as its file now is. An unknown name and a file that holds no whole model are a
// *problem; where the file was good before, the model that it held is kept until it is good again.
func (m *models) get(name string) (*served, error) {
	e := m.look(false)[name]
	if e == nil {
		e = m.look(true)[name]
	}
	if e == nil {
		do := suggest.Among(name, m.names())
		return nil, newProblem(http.StatusNotFound, "", fmt.Sprintf("there is no model %q", clip(name)), do)
	}
	e.used.Store(m.clock.Add(1))
	info, err := os.Stat(e.file)
	if err != nil {
		e.current.Store(nil)
		return nil, newProblem(http.StatusNotFound, "model "+name, "its file is gone", "choose one of "+
			strings.Join(m.names(), ", "))
	}
	was := e.current.Load()
	switch {
	case was != nil && same(was.info, info):
		return was, nil
	case was == nil:
		e.mu.Lock()
	case !e.mu.TryLock():
		return was, nil // another request reads the new file
	}
	defer e.mu.Unlock()
	if was = e.current.Load(); was != nil && same(was.info, info) {
		return was, nil
	}
	if e.tried == nil || !same(e.tried, info) {
		e.read(m.log)
		m.evict(e)
	}
	if now := e.current.Load(); now != nil {
		return now, nil
	}
	return nil, unusable(name, e.fault)
}

// unchanged reports that the card is that of the file as it is.
func (e *entry) unchanged() bool {
	info, err := os.Stat(e.file)
	was := e.stamp.Load()
	return err == nil && was != nil && same(*was, info)
}

// faultNow is why the file as it is cannot be used; nil: it can, or nobody has tried.
func (e *entry) faultNow() error {
	if !e.mu.TryLock() {
		return nil // it is being read
	}
	defer e.mu.Unlock()
	return e.fault
}

// read reads the file; e.mu is held.
func (e *entry) read(log *slog.Logger) {
	const tries = 3
	for range tries {
		before, err := os.Stat(e.file)
		if err != nil {
			e.fault, e.tried = err, nil
			return
		}
		now, err := load(e.name, e.file, before)
		if after, e := os.Stat(e.file); e == nil && !same(before, after) {
			continue // it was replaced while it was read
		}
		if err != nil {
			e.fault, e.tried = err, before
			log.Warn("a model cannot be used", "model", e.name, "error", err, "kept", e.current.Load() != nil)
			return
		}
		e.fault, e.tried = nil, nil
		e.card.Store(now.card)
		e.stamp.Store(&before)
		old := e.current.Swap(now)
		log.Info("model loaded", "model", e.name, "digest", now.digest[:16], "replaced", old != nil)
		return
	}
	e.fault, e.tried = &store.FormatError{What: "its file changes all the time", Do: "wait until it is written"}, nil
}

// load reads what a file holds.
func load(name, file string, info fs.FileInfo) (*served, error) {
	if isDensity(file) {
		return loadDensity(name, file, info)
	}
	s := &served{name: name, info: info}
	err := store.OpenWith(file, func(f *store.File, digest string) (err error) {
		s.digest = digest
		if f.Kind() == dataforecast.FileKind {
			if s.forecaster, err = forecast.ReadForecaster(name, f); err == nil {
				s.card = forecasterCard(name, digest, s.forecaster, info)
			}
			return err
		}
		if s.model, err = store.ModelOf(f); err == nil {
			if net, ok := s.model.Field.(*field.Net); ok {
				s.model.Field = net.Fixed() // nothing here changes a model
			}
			s.card, err = newCard(name, digest, s.model, info)
		}
		return err
	})
	return s, err
}

// evict takes models out of memory until there are not more than may be.
func (m *models) evict(keep *entry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for {
		var oldest *entry
		n := 0
		for _, e := range m.entries {
			if e.current.Load() == nil {
				continue
			}
			if n++; e != keep && (oldest == nil || e.used.Load() < oldest.used.Load()) {
				oldest = e
			}
		}
		if n <= m.most || oldest == nil {
			return
		}
		oldest.current.Store(nil)
		m.log.Info("model left the memory", "model", oldest.name)
	}
}

// same reports that a file has not changed.
func same(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// unusable is the answer for a file that holds no whole model, without its place on the disk.
func unusable(name string, err error) *problem {
	what, do := "its file cannot be read", "see the log of the server"
	var f *store.FormatError
	if errors.As(err, &f) {
		what, do = f.What, f.Do
	}
	if do == "" {
		do = "wait until it is written, or write it again"
	}
	return newProblem(http.StatusServiceUnavailable, "model "+name, what, do).after(5 * time.Second)
}

// clip cuts a text of a request for a message.
func clip(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return s
}
