package pathspace

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito/infer"
)

// paths are the simulated paths of one iteration of a [Training], step by step in plain numbers: what the program
// of its loss is compared with.
type paths struct {
	b, d, steps        int
	x                  []float64 // [K+1,B,D]
	u, ε, guide, score []float64 // [K,B,D]; score is ∇log ρ
	v, z, div          []float64 // [K,B,D], [K,B,D] and [K,B]: of a bridge
	feat               []float64 // [K+1,B]
	last               []float64 // [B,D] ∇log ρ at the ends
	cost               []float64 // [B]
}

// at is the part of step k of a value [K,B,width].
func (p *paths) at(x []float64, k, width int) []float64 {
	return x[k*p.b*width : (k+1)*p.b*width]
}

// row is the part of path i in a value [B,D].
func (p *paths) row(x []float64, i int) []float64 { return x[i*p.d : (i+1)*p.d] }

// simulate runs the present control.
func (c *Training) simulate(ctx context.Context, b, step int) (*paths, error) {
	l := c.Control
	d, steps, pr := l.D, l.Process.Steps(), l.Process
	n := steps * b * d
	p := &paths{b: b, d: d, steps: steps, x: make([]float64, n+b*d), u: make([]float64, n), ε: make([]float64, n),
		guide: make([]float64, n), score: make([]float64, n),
		last: make([]float64, b*d), cost: make([]float64, b)}
	bridge, both := pr.(Bridge)
	if both {
		p.v, p.z, p.div = make([]float64, n), make([]float64, n), make([]float64, steps*b)
	}
	s := &infer.State{Groups: b, Slots: 1, D: d, Step: uint32(step), ID: make([]uint64, b), LogP: make([]float64, b)}
	for i := range s.ID {
		s.ID[i] = uint64(i)
	}
	problem := infer.SeededTarget{Target: c.Target, Seed: c.Seed}
	first := p.at(p.x, 0, d)
	infer.PriorKey(c.Seed, 1+uint32(step)).Normals64(first, d, s.ID)
	for i := range b {
		p.cost[i] = pr.Start(p.row(first, i))
	}
	for k := range steps {
		x, y, u, ε, g, score := p.at(p.x, k, d), p.at(p.x, k+1, d), p.at(p.u, k, d), p.at(p.ε, k, d),
			p.at(p.guide, k, d), p.at(p.score, k, d)
		p.feat = append(p.feat, l.features(k, b)...)
		s.Normals(c.Seed, 16+2*uint32(k), ε)
		if err := infer.Gradient(ctx, problem, s, b, s.LogP, score, x); err != nil {
			return p, err
		}
		guideRows(pr, k, g, x, score)
		if err := l.Control(ctx, k, d, u, x, g); err != nil {
			return p, err
		}
		copy(y, x)
		move := pr.Move(k)
		for i := range b {
			p.cost[i] += move(p.row(y, i), p.row(u, i), p.row(ε, i))
		}
		if !both {
			continue
		}
		v, z, div := p.at(p.v, k, d), p.at(p.z, k, d), p.at(p.div, k, 1)
		if bridge.Probe {
			s.Normals(c.Seed, 17+2*uint32(k), z)
			signs(z)
		}
		if err := backwards(ctx, bridge, k, v, div, x, y, z); err != nil {
			return p, err
		}
		for i := range b {
			p.cost[i] += bridge.Extra(k, p.row(x, i), p.row(y, i), p.row(u, i), p.row(ε, i), p.row(v, i), div[i])
		}
	}
	p.feat = append(p.feat, l.features(steps, b)...)
	end := p.at(p.x, steps, d)
	if err := infer.Gradient(ctx, problem, s, b, s.LogP, p.last, end); err != nil {
		return p, err
	}
	for i := range b {
		p.cost[i] += pr.End(p.row(end, i)) - s.LogP[i]
	}
	p.drop()
	return p, nil
}

// drop clears the paths whose cost is not finite: their rows count for nothing, whatever they hold.
func (p *paths) drop() {
	for i, r := range p.cost {
		if math.Abs(r) < mostCost {
			continue
		}
		for _, all := range [][]float64{p.x, p.u, p.ε, p.guide, p.score, p.v, p.last} {
			for from := i * p.d; from < len(all); from += p.b * p.d {
				clear(all[from : from+p.d])
			}
		}
	}
}
