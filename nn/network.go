package nn

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
)

// Network is a family of networks and its shape: a config struct with one trace. A family is one file; [Register] makes
// it known by its kind, so that it is stored, trained, sampled and named on the command line.
type Network interface {
	// Kind is the word of the family.
	Kind() string
	// Resolve returns the network with its defaults filled in, or a *ConfigError. A resolved network resolves to
	// itself.
	Resolve() (Network, error)
	// Trace traces the network for ONE sample, in any float dtype, and returns one value for each port of
	// in.Ports.Out. It declares each tensor on s where it uses it. What it cannot serve it refuses by
	// [Scope.Refuse].
	Trace(s *Scope, in Inputs) []ad.Value
}

// Port is one array that a network reads or writes.
type Port struct {
	Name  string `json:"name"`
	Shape []int  `json:"shape"` // of one sample
	// > 0: whole numbers 0 … Levels−1, which a trace sees as int32; 0: real numbers
	Levels int `json:"levels,omitempty"`
	Nodes  int `json:"nodes,omitempty"` // leading axes that run over the nodes of a graph: 0, 1 or 2
}

// String is the port in words, as "text [32] of 5 levels".
func (p Port) String() string {
	if p.Levels > 0 {
		return fmt.Sprintf("%s %v of %d levels", p.Name, p.Shape, p.Levels)
	}
	return fmt.Sprintf("%s %v", p.Name, p.Shape)
}

// Size is the number of elements of one sample.
func (p Port) Size() int { return sizeOf(p.Shape) }

// BesideReader is a network over a series that can read numbers beside each step, [L,n] from the front of the
// condition: WithBeside is the same with so many.
type BesideReader interface {
	Network
	WithBeside(n int) Network
}

// Imputer is a network over cells that can be given some of them: Imputing is the same with a condition that begins
// with a pair of numbers for every cell, its value and 1 where it is observed. Imputes reports one that has it.
type Imputer interface {
	Network
	Imputing() Network
	Imputes() bool
}

// Ports are what a network is asked to read and to write for one sample. Beside them it may read the time feature, a
// number of order 1 to 10.
//
// On flat rows every list lies in one slice, port behind port: see [Weights.Apply].
type Ports struct {
	X    []Port `json:"x"`              // the parts of a state, or of what a wrapping makes of it
	Cond []Port `json:"cond,omitempty"` // conditions and masks, by name
	Out  []Port `json:"out"`
}

// Flat are the ports of a network from in numbers and a condition of cond numbers (0: none) to out numbers.
func Flat(in, out, cond int) Ports {
	p := Ports{X: []Port{{Name: "x", Shape: []int{in}}}, Out: []Port{{Name: "out", Shape: []int{out}}}}
	if cond != 0 {
		p.Cond = []Port{{Name: "cond", Shape: []int{cond}}}
	}
	return p
}

// Reads is the number of values of X.
func (p Ports) Reads() int { return total(p.X) }

// Writes is the number of values that the network writes.
func (p Ports) Writes() int { return total(p.Out) }

// CondWidth is the number of values of the condition.
func (p Ports) CondWidth() int { return total(p.Cond) }

// Sized are the ports for graphs of n places for nodes: those of nodes and of pairs, their outputs, and the mask.
func (p Ports) Sized(n int) Ports {
	resize := func(q Port, nodes int) Port {
		q.Shape = append([]int(nil), q.Shape...)
		for k := range nodes {
			q.Shape[k] = n
		}
		return q
	}
	var out Ports
	for i, q := range p.X {
		out.X = append(out.X, resize(q, q.Nodes))
		if i < len(p.Out) {
			out.Out = append(out.Out, resize(p.Out[i], q.Nodes))
		}
	}
	for _, q := range p.Cond {
		k := 0
		if q.Name == "mask" {
			k = 1
		}
		out.Cond = append(out.Cond, resize(q, k))
	}
	return out
}

func total(ports []Port) int {
	n := 0
	for _, p := range ports {
		n += p.Size()
	}
	return n
}

// maxSize bounds every length of a network.
const maxSize = 1 << 24

func (p Ports) check() error {
	if len(p.X) == 0 || len(p.Out) == 0 {
		return &ConfigError{"ports", "a network reads at least one array and writes one"}
	}
	for _, list := range []struct {
		what  string
		ports []Port
	}{{"in", p.X}, {"cond", p.Cond}, {"out", p.Out}} {
		names, size := map[string]bool{}, 0
		for _, q := range list.ports {
			if names[q.Name] {
				return &ConfigError{list.what, fmt.Sprintf("two ports are called %q", q.Name)}
			}
			names[q.Name] = true
			n := 1
			for _, s := range q.Shape {
				if s < 1 || s > maxSize || n > maxSize/s {
					return &ConfigError{list.what, fmt.Sprintf("%v is no shape of between 1 and %d numbers", q.Shape,
						maxSize)}
				}
				n *= s
			}
			if size += n; size > maxSize || q.Levels < 0 || q.Levels > maxSize {
				return &ConfigError{list.what, fmt.Sprintf("%d numbers of %d levels; there can be %d of each", size,
					q.Levels, maxSize)}
			}
		}
	}
	return nil
}

// Inputs are the values at the ports for one sample.
type Inputs struct {
	Ports Ports
	X     []ad.Value // one for each port, of its shape
	Time  ad.Value   // [1]; the zero Value where there is none
	Cond  []ad.Value // one for each port; nil where there is none, and for an [Absenter] where all are 0
}

// Absenter is a network whose Trace takes Inputs without Cond where its ports have conditions: it computes what it
// would with zeros for them, to the same bytes, with less work.
type Absenter interface{ Absent() }

// Named is the value of the condition of this name.
func (in Inputs) Named(name string) (ad.Value, bool) {
	for i, p := range in.Ports.Cond {
		if p.Name == name {
			return in.Cond[i], true
		}
	}
	return ad.Value{}, false
}

// ConfigError is a field of a network's config, a [LRSchedule] or an [Adam] that cannot be used.
type ConfigError struct {
	Field string // its name in JSON
	What  string
}

func (e *ConfigError) Error() string { return "network: " + e.Field + ": " + e.What }

// kindError is a ConfigError of a network of this kind.
type kindError struct {
	kind string
	*ConfigError
}

func (e *kindError) Error() string { return "network: " + e.kind + ": " + e.Field + ": " + e.What }

func (e *kindError) Unwrap() error { return e.ConfigError }

// Is makes every ConfigError bad input.
func (e *ConfigError) Is(target error) bool { return target == ito.ErrInput }
