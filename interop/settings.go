package interop

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/suggest"
)

// Settings reads words key=value about a scheduler: the class that it shall be, options of the call by the names that
// diffusers gives them (eta, mu, timesteps, sigmas, s_churn, s_tmin, s_tmax, s_noise; lists with slashes, as
// timesteps=999/850/736), and keys of its file, as JSON or as bare words. A key that neither the class nor the file has
// is an *ito.InputError. s itself does not change.
func (s *Scheduler) Settings(words []string) (*Scheduler, CallOptions, error) {
	var o CallOptions
	for _, w := range words {
		if key, class, ok := strings.Cut(w, "="); ok && key == "class" {
			changed, err := s.As(class)
			if err != nil {
				return nil, o, err
			}
			s = changed
		}
	}
	s, err := s.As(s.class) // a copy
	if err != nil {
		return nil, o, err
	}
	for _, w := range words {
		key, value, ok := strings.Cut(w, "=")
		if !ok {
			return nil, o, &ito.InputError{Where: "scheduler", What: fmt.Sprintf("%q is no key=value", w),
				Do: "write class=EulerDiscrete, eta=0.5 or solver_order=3"}
		}
		if key == "class" {
			continue
		}
		if ok, err := o.set(key, value); err != nil {
			return nil, o, err
		} else if ok {
			continue
		}
		if err := s.word(key, value); err != nil {
			return nil, o, err
		}
	}
	return s, o, nil
}

// callWords are the names of the options that words can say.
var callWords = []string{"class", "eta", "mu", "timesteps", "sigmas", "s_churn", "s_tmin", "s_tmax", "s_noise"}

// set gives an option a value; false: there is none of that name.
func (o *CallOptions) set(key, value string) (bool, error) {
	if !slices.Contains(callWords, key) {
		return false, nil
	}
	var list []float64
	for part := range strings.SplitSeq(value, "/") {
		v, err := strconv.ParseFloat(part, 64)
		if err != nil {
			return false, &ito.InputError{Where: "scheduler key " + key, What: fmt.Sprintf("%q is not a number", part),
				Do: "give numbers, of a list with slashes between them"}
		}
		list = append(list, v)
	}
	v := list[0]
	switch key {
	case "timesteps":
		o.Timesteps = list
		return true, nil
	case "sigmas":
		o.Sigmas = list
		return true, nil
	}
	if len(list) > 1 {
		return false, &ito.InputError{Where: "scheduler key " + key, What: value + " is a list", Do: "give one number"}
	}
	switch key {
	case "eta":
		o.Eta = &v
	case "mu":
		o.Mu = &v
	case "s_churn":
		o.Churn = v
	case "s_tmin":
		o.ChurnMin = v
	case "s_tmax":
		o.ChurnMax = v
	case "s_noise":
		o.SNoise = &v
	}
	return true, nil
}

// word gives a key a value in JSON, or a word.
func (s *Scheduler) word(key, value string) error {
	if _, given := s.keys[key]; !given {
		known := append(slices.Clone(callWords), keysOf(s.class)...)
		if !slices.Contains(known, key) {
			return &ito.InputError{Where: "scheduler key " + key, What: s.class + " has no such key",
				Do: suggest.Among(key, known)}
		}
	}
	switch value { // as Python writes them
	case "True":
		value = "true"
	case "False":
		value = "false"
	case "None":
		value = "null"
	}
	if b := hide([]byte(value)); json.Valid(b) {
		return s.Set(key, json.RawMessage(b))
	}
	return s.Set(key, value)
}

func keysOf(class string) []string {
	var out []string
	for key := range classes[class].defaults() {
		out = append(out, key)
	}
	slices.Sort(out)
	return out
}
