package plot

import (
	"fmt"
	"image/color"
	"math"
	"strings"
	"sync"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	xfont "golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Sizes of text in points.
const (
	titleSize = 13
	panelSize = 10
	labelSize = 9
	tickSize  = 8
)

// handler knows Liberation Sans, regular and bold, which are part of the program.
var handler = sync.OnceValue(func() text.Handler {
	parse := func(ttf []byte, weight xfont.Weight) font.Face {
		f, err := opentype.Parse(ttf)
		if err != nil {
			panic(fmt.Sprintf("plot: the built-in font is broken: %v", err))
		}
		return font.Face{Font: font.Font{Typeface: "Liberation", Variant: "Sans", Weight: weight}, Face: f}
	}
	return text.Plain{Fonts: font.NewCache(font.Collection{
		parse(liberationsansregular.TTF, xfont.WeightNormal),
		parse(liberationsansbold.TTF, xfont.WeightBold),
	})}
})

// style is a text style anchored at (x, y): −1 is its right or top end, −½ its middle, 0 its left or bottom end.
func style(size float64, bold bool, c color.Color, x, y float64) text.Style {
	f := font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Points(size)}
	if bold {
		f.Weight = xfont.WeightBold
	}
	return text.Style{Color: c, Font: f, XAlign: text.XAlignment(x), YAlign: text.YAlignment(y), Handler: handler()}
}

// textWidth measures one line of text.
func textWidth(s text.Style, txt string) vg.Length {
	if txt == "" {
		return 0
	}
	return s.Width(txt)
}

// tickWidth and drawTick know that what follows ^ in a tick's label is raised and smaller.
func tickWidth(txt string) vg.Length {
	base, power, _ := strings.Cut(txt, "^")
	return textWidth(style(tickSize, false, label, 0, 0), base) + textWidth(style(.72*tickSize, false, label, 0, 0),
		power)
}

// drawTick draws a label with the given anchor in x and its middle at y.
func drawTick(c draw.Canvas, at vg.Point, txt string, xalign float64) {
	base, power, raised := strings.Cut(txt, "^")
	at.X += vg.Length(xalign) * tickWidth(txt)
	plain := style(tickSize, false, label, 0, 0)
	at.Y -= .36 * tickSize // half the height of a digit: the baseline is what ticks share
	drawText(c, plain, at, base)
	if raised {
		at.X += textWidth(plain, base)
		at.Y += .38 * tickSize
		drawText(c, style(.72*tickSize, false, label, 0, 0), at, power)
	}
}

// drawText draws a line of text whose baseline's left end is at. vg would place its box.
func drawText(c draw.Canvas, s text.Style, at vg.Point, txt string) {
	if txt == "" {
		return
	}
	c.SetColor(s.Color)
	c.FillString(handler().Cache().Lookup(s.Font, s.Font.Size), at, txt)
}

// drawUp draws a line of text upward, centred at.
func drawUp(c draw.Canvas, s text.Style, at vg.Point, txt string) {
	c.Push()
	c.Translate(at)
	c.Rotate(math.Pi / 2)
	drawText(c, s, vg.Point{X: -textWidth(s, txt) / 2}, txt)
	c.Pop()
}

// wrap breaks txt into lines of at most the given width where there are spaces.
func wrap(s text.Style, txt string, width vg.Length) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(txt) {
		longer := strings.TrimSpace(line + " " + word)
		if line != "" && textWidth(s, longer) > width {
			lines = append(lines, line)
			longer = word
		}
		line = longer
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
