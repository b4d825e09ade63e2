package plot

import (
	"image/color"
	"math"
)

// Palette holds the colours of series in order: those of Okabe and Ito (2008), "Color Universal
// Design", without black and yellow, the strongest contrasts first.
var Palette = []color.NRGBA{
	{0x00, 0x72, 0xB2, 0xff}, // blue
	{0xD5, 0x5E, 0x00, 0xff}, // vermilion
	{0x00, 0x9E, 0x73, 0xff}, // green
	{0xCC, 0x79, 0xA7, 0xff}, // purple
	{0xE6, 0x9F, 0x00, 0xff}, // orange
	{0x56, 0xB4, 0xE9, 0xff}, // sky
}

// Grey is the colour of data and of whatever others are compared with.
var Grey = color.NRGBA{0x4B, 0x55, 0x63, 0xff}

var (
	ink       = color.NRGBA{0x1F, 0x29, 0x37, 0xff} // titles
	label     = color.NRGBA{0x4B, 0x55, 0x63, 0xff} // labels of axes and ticks
	gridline  = color.NRGBA{0xE8, 0xEA, 0xEE, 0xff}
	minorline = color.NRGBA{0xF4, 0xF5, 0xF7, 0xff}
	axisline  = color.NRGBA{0xB6, 0xBC, 0xC6, 0xff}
)

// series returns the colour of series i.
func series(i int) color.NRGBA { return Palette[i%len(Palette)] }

// fade returns c with its opacity times alpha.
func fade(c color.NRGBA, alpha float64) color.NRGBA {
	c.A = uint8(math.Round(float64(c.A) * min(max(alpha, 0), 1)))
	return c
}

// viridis is the map of that name (Smith and van der Walt 2015) at nine equal steps.
var viridis = []color.NRGBA{
	{0x44, 0x01, 0x54, 0xff}, {0x47, 0x2D, 0x7B, 0xff}, {0x3B, 0x52, 0x8B, 0xff},
	{0x2C, 0x72, 0x8E, 0xff}, {0x21, 0x91, 0x8C, 0xff}, {0x28, 0xAE, 0x80, 0xff},
	{0x5E, 0xC9, 0x62, 0xff}, {0xAD, 0xDC, 0x30, 0xff}, {0xFD, 0xE7, 0x25, 0xff},
}

// shade returns the colour of viridis at 0 ≤ u ≤ 1, without the palest fifth, which vanishes on white.
func shade(u float64) color.NRGBA {
	u = min(max(u, 0), 1) * .8 * float64(len(viridis)-1)
	i := min(int(u), len(viridis)-2)
	w := u - float64(i)
	a, b := viridis[i], viridis[i+1]
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a)*(1-w) + float64(b)*w)) }
	return color.NRGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 0xff}
}
