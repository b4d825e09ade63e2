package forecast

import (
	"encoding/binary"
	"hash/fnv"
	"time"
)

// Window is the end of a series and the steps that are to be forecast: nothing that came after its origin is in it.
type Window struct {
	*Series     // it ends before the origin; its known covariates reach Horizon steps beyond
	Horizon int // steps to forecast
	Address uint64
}

// NewWindow is the window of s with this origin, the index of the first step that is forecast, which may be its length.
func NewWindow(s *Series, origin, horizon int) Window {
	cut := s.Until(origin, horizon)
	return Window{Series: cut, Horizon: horizon, Address: Address(s.ID, cut.Time(origin))}
}

// Origin is the index of the first step that is forecast: the length of the series as it is known.
func (w Window) Origin() int { return w.Len() }

// Begins is the time of the first step that is forecast.
func (w Window) Begins() time.Time { return w.Time(w.Origin()) }

// Context writes the last len(dst) values before the origin into dst, NaN where there are none.
func (w Window) Context(dst []float64) {
	first := w.Origin() - len(dst)
	for i := range dst {
		dst[i] = w.At(first + i)
	}
}

// Address is where the random numbers of a forecast begin: a function of the series' name and the time of the origin,
// whatever stands beside it. Path k is at Address+k.
func Address(id string, origin time.Time) uint64 {
	h := fnv.New64a()
	h.Write([]byte(id))
	h.Write(binary.LittleEndian.AppendUint64([]byte{0}, uint64(origin.UnixNano())))
	return mix(h.Sum64())
}

// PanelAddress is that of windows that are drawn jointly: a function of theirs, in any order.
func PanelAddress(ws []Window) uint64 {
	var sum uint64
	for _, w := range ws {
		sum += mix(w.Address ^ 0x9e3779b97f4a7c15)
	}
	return mix(sum)
}

// mix spreads the bits (the finaliser of MurmurHash3), so that addresses of like names are far apart.
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
