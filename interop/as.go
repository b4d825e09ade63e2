package interop

import "maps"

// As is the configuration with another class, as its from_config reads it: keys that the new class has keep their
// values, the others stay in the file without effect, and what the file does not say is the default of the new class.
func (s *Scheduler) As(class string) (*Scheduler, error) {
	out, err := NewScheduler(class)
	if err != nil {
		return nil, err
	}
	name := out.keys[classKey]
	out.keys = maps.Clone(s.keys)
	out.keys[classKey] = name
	return out, nil
}
