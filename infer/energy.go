package infer

import (
	"fmt"
	"math"
)

// The variable "energy" of a Hamiltonian chain holds what its E-BFMI needs of the trajectories after warm-up, so
// that no draws are kept.
const (
	energyCount = iota
	energyMean
	energySquares // Σ(E − Ē)²
	energyChanges // Σ(E_n − E_{n−1})²
	energyLast
	EnergyWidth
)

// missingEnergy is the E-BFMI from which the resampling of momenta does not reach the tails, and fewEnergies the
// number of trajectories below which it is too noisy to be said.
const (
	missingEnergy = .3
	fewEnergies   = 100
)

// KeepEnergy adds the energy of group g after a trajectory, where the kernel keeps energies.
func (s *State) KeepEnergy(g int, e float64) {
	v := s.Var("energy")
	if v == nil || !Finite(e) {
		return
	}
	v = v[g*EnergyWidth : (g+1)*EnergyWidth]
	if v[energyCount] > 0 {
		v[energyChanges] += (e - v[energyLast]) * (e - v[energyLast])
	}
	v[energyCount]++
	δ := e - v[energyMean]
	v[energyMean] += δ / v[energyCount]
	v[energySquares] += δ * (e - v[energyMean])
	v[energyLast] = e
}

// energyFractions is the E-BFMI of every chain: nil for kernels without energies, NaN before the second trajectory
// after warm-up.
func energyFractions(s *State) []float64 {
	v := s.Var("energy")
	if v == nil {
		return nil
	}
	f := make([]float64, s.Groups)
	for g := range f {
		e := v[g*EnergyWidth : (g+1)*EnergyWidth]
		f[g] = math.NaN()
		if e[energyCount] > 1 {
			f[g] = e[energyChanges] / e[energySquares]
		}
	}
	return f
}

// energyWarnings counts the chains whose energy moves too slowly.
func energyWarnings(s *State) []string {
	low, least := 0, math.Inf(1)
	for g, f := range energyFractions(s) {
		if f < missingEnergy && s.Var("energy")[g*EnergyWidth+energyCount] >= fewEnergies {
			low++
			least = min(least, f)
		}
	}
	if low == 0 {
		return nil
	}
	return []string{fmt.Sprintf("in %d of %d chains E-BFMI is below %v (least %.2f): the tails are hardly reached; "+
		"reparametrise, or give heavy tails a tighter prior", low, s.Groups, missingEnergy, least)}
}
