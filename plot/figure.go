package plot

import (
	"bytes"
	"fmt"
	"image/color"
	"io"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/store"
)

// Figure is a grid of panels in one image, row by row. All have drawing areas of one size.
type Figure struct {
	Title  string
	Panels []Panel
	// Cols is the number of columns; 0 chooses it so that the image is wider than high.
	Cols int
	// ShareX and ShareY give all panels the same ends of that axis. Equal labels of neighbours are
	// written once, shared or not.
	ShareX, ShareY bool
	// Width and Height are those of each drawing area in points (1/72 inch); 0 chooses them.
	Width, Height float64
}

const (
	dpi     = 144   // of a PNG: two pixels a point
	maxSide = 16000 // pixels
)

// svgFixes mends what vgsvg writes: whoever reads the SVG may not have the font by which everything
// was measured, so its twins are named; and vgsvg calls the PNGs that it embeds JPEGs.
var svgFixes = strings.NewReplacer(
	"font-family:Liberation Sans;", "font-family:Liberation Sans,Arial,Helvetica,sans-serif;",
	`"data:image/jpg;base64,`, `"data:image/png;base64,`,
)

// Save writes the figure to path as PNG or SVG, by its extension, and replaces what is there atomically.
func (f Figure) Save(path string) error {
	format, err := Format(path)
	if err != nil {
		return err
	}
	var b bytes.Buffer // nothing is touched by a figure that cannot be drawn
	if err := f.Encode(&b, format); err != nil {
		return err
	}
	return store.WriteFile(path, func(w io.Writer) error {
		_, err := w.Write(b.Bytes())
		return err
	})
}

// Format returns "png" or "svg" for a path that ends so.
func Format(path string) (string, error) {
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".png", ".svg":
		return ext[1:], nil
	}
	return "", &ito.InputError{Where: path, What: "pictures are PNG or SVG", Do: "end the name with .png or .svg"}
}

// Encode writes the figure to w; format is png or svg.
func (f Figure) Encode(w io.Writer, format string) error {
	l, err := f.lay()
	if err != nil {
		return err
	}
	if side := max(l.width, l.height) / 72 * dpi; side > maxSide {
		return &ito.InputError{Where: "picture", What: fmt.Sprintf("it would be %.0f pixels long", float64(side)),
			Do: "draw fewer panels"}
	}
	switch format {
	case "png":
		c := vgimg.NewWith(vgimg.UseWH(l.width, l.height), vgimg.UseDPI(dpi))
		l.draw(draw.New(c))
		_, err = vgimg.PngCanvas{Canvas: c}.WriteTo(w)
	case "svg":
		c := vgsvg.New(l.width, l.height)
		l.draw(draw.New(c))
		var b bytes.Buffer
		if _, err = c.WriteTo(&b); err != nil {
			return err
		}
		_, err = svgFixes.WriteString(w, b.String())
	default:
		_, err = Format("picture." + format)
	}
	return err
}

func (l *layout) draw(c draw.Canvas) {
	c.SetColor(color.White) // an SVG has no ground of its own, and the page may be dark
	c.Fill(vg.Rectangle{Max: vg.Point{X: l.width, Y: l.height}}.Path())
	top := l.height - outer
	if l.title != "" {
		drawText(c, style(titleSize, true, ink, 0, 0), vg.Point{X: outer, Y: top - titleSize}, l.title)
		top -= titleLead
	}
	drawLegend(c, l.legend, vg.Point{X: outer, Y: top})
	for i := range l.panels {
		if p := &l.panels[i]; len(p.Layers) > 0 {
			p.render(c)
		}
	}
}

func (p *placed) render(c draw.Canvas) {
	f := frame{c: draw.Canvas{Canvas: c.Canvas, Rectangle: p.area}, xs: p.xs, ys: p.ys, logX: p.LogX, logY: p.LogY}
	f.axes(p)
	for _, l := range p.Layers {
		l.draw(&f)
	}
	f.note()
	y := p.area.Max.Y + p.top()
	bold := style(panelSize, true, ink, 0, 0)
	for _, line := range p.title {
		y -= panelLead
		drawText(c, bold, vg.Point{X: p.area.Min.X, Y: y + .3*panelLead}, line)
	}
	drawLegend(c, p.legend, vg.Point{X: p.area.Min.X, Y: y})
}
