package cli

import (
	"fmt"
	"math"
	"strings"

	"github.com/seed9a7962a8/ito/rng"
)

// dice are the uniform and normal numbers of row i of a made-up table.
type dice struct{ u, z [16]float64 }

func roll(table, i int) (d dice) {
	rng.NewKey(uint64(table), rng.PurposeUser, 0, 0).Uniforms64(d.u[:], len(d.u), []uint64{uint64(i)})
	rng.NewKey(uint64(table), rng.PurposeUser, 1, 0).Normals64(d.z[:], len(d.z), []uint64{uint64(i)})
	return d
}

// pick is a word by a uniform number.
func pick(u float64, words ...string) string { return words[int(u*float64(len(words)))] }

// madeUp are tables as people have them, in the shape of public ones.
var madeUp = map[string]func() string{
	// as palmerpenguins: multiples of .1, whole numbers in steps of 25, gaps as NA, all numbers of a row together
	"penguins": func() string {
		return madeRows("species,island,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g,sex,year", 344,
			func(i int) string {
				d := roll(1, i)
				k := int(3 * d.u[0])
				numbers := fmt.Sprintf("%.1f,%.1f,%d,%d", 39+5*float64(k)+3*d.z[0], 18-float64(k)+d.z[1],
					190+int(10*float64(k)+6*d.z[2]), 25*int(150+30*float64(k)+15*d.z[3]))
				if i%100 == 3 {
					numbers = "NA,NA,NA,NA"
				}
				sex := pick(d.u[1], "male", "female")
				if d.u[2] < .03 {
					sex = "NA"
				}
				return fmt.Sprintf("%s,%s,%s,%s,%d", []string{"Adelie", "Chinstrap", "Gentoo"}[k],
					pick(d.u[3], "Biscoe", "Dream", "Torgersen"), numbers, sex, 2007+i%3)
			})
	},
	// as ggplot2's diamonds: heaps at round numbers, zeros that are no sizes, skewed prices
	"diamonds": func() string {
		return madeRows("carat,cut,color,clarity,depth,table,price,x,y,z", 2000, func(i int) string {
			d := roll(2, i)
			carat := math.Round(100*(.2+math.Exp(d.z[0]/2-.8))) / 100
			if d.u[0] < .2 {
				carat = math.Ceil(2*carat) / 2
			}
			x := 6.5 * math.Cbrt(carat)
			if i%500 == 7 {
				x = 0
			}
			return fmt.Sprintf("%.4g,%s,%s,%s,%.1f,%d,%d,%.4g,%.4g,%.4g", carat,
				pick(d.u[1], "Fair", "Good", "Very Good", "Premium", "Ideal"), pick(d.u[2], "D", "E", "F", "G", "H", "I", "J"),
				pick(d.u[3], "I1", "SI2", "SI1", "VS2", "VS1", "VVS2", "VVS1", "IF"), 61.7+d.z[1], 57+int(2*d.z[2]),
				int(4000*math.Pow(carat, 1.7)*math.Exp(.2*d.z[3])), x, x+.01*math.Round(d.z[4]), .6*x)
		})
	},
	// as ISLR's Hitters: names without a column's name, salaries that are missing
	"hitters": func() string {
		return madeRows(",AtBat,Hits,HmRun,Years,CAtBat,League,Division,Salary,NewLeague", 322, func(i int) string {
			d := roll(3, i)
			at, years := 150+int(500*d.u[0]), 1+int(20*d.u[1]*d.u[1])
			salary := "NA"
			if d.u[2] > .18 {
				salary = strings.TrimSuffix(fmt.Sprintf("%.1f", 70+30*float64(years)+500*d.u[3]*d.u[3]), ".0")
			}
			return fmt.Sprintf("-Player %c%d,%d,%d,%d,%d,%d,%s,%s,%s,%s", 'A'+i%26, i, at, int(.26*float64(at)+10*d.z[0]),
				int(30*d.u[4]*d.u[4]), years, at*years, pick(d.u[5], "A", "N"), pick(d.u[6], "E", "W"), salary,
				pick(d.u[5], "A", "N"))
		})
	},
	// twenty columns as a German office writes them: semicolons, decimal commas, dates, times with a zone, codes
	"clients": func() string {
		return madeRows("Kunde;PLZ;Anrede;Vorname;Geboren;Seit;Zuletzt;Größe;Anteil;Rate;Konto;Umsatz;Posten;Storno;Ja;"+
			"Land;Stufe;Fest;Leer;Notiz", 600, func(i int) string {
			d := roll(4, i)
			de := func(format string, a ...any) string {
				return strings.ReplaceAll(fmt.Sprintf(format, a...), ".", ",")
			}
			last := ""
			if d.u[0] > .3 {
				last = fmt.Sprintf("2025-%02d-%02dT%02d:%02d:00+01:00", 1+int(12*d.u[1]), 1+int(28*d.u[2]), int(24*d.u[3]),
					15*int(4*d.u[4]))
			}
			return fmt.Sprintf("K-%06d;%05d;%s;%s;%02d.%02d.%d;%02d/%d;%s;%s;%s;%s;%s;%s;%d;%d;%s;%s;%d;x;;%s", 1000+i,
				1067+11*int(12*d.u[5]), pick(d.u[6], "Frau", "Herr", "keine"), pick(d.u[7], "Zoë", "Jürgen", "O'Hara",
					"\"Max; jr.\""),
				1+int(28*d.u[8]), 1+int(12*d.u[9]), 1940+int(60*d.u[10]), 1+int(12*d.u[11]), 2010+int(15*d.u[12]), last,
				de("%.2f", 1.7+.1*d.z[0]), de("%.3f", d.u[13]), de("%.1e", math.Exp(5*d.z[1])), de("%.2f", 1000*d.z[2]),
				de("%.2f", math.Exp(4+d.z[3])), int(9*d.u[14]*d.u[14]), int(3*d.u[15]*d.u[15]),
				pick(d.u[14], "ja", "nein"), pick(d.u[13], "DE", "AT", "CH"), 5*int(4*d.u[12]),
				fmt.Sprintf("Gespräch %x am Telefon über %d", int(1e9*d.u[1]), i*7919%600))
		})
	},
	"words": func() string { // no column of numbers
		return madeRows("a,b,c", 200, func(i int) string {
			d := roll(5, i)
			return pick(d.u[0], "p", "q") + "," + pick(d.u[1], "r", "s", `"t, u"`, "") + "," + pick(d.u[2], "v", "w")
		})
	},
	"numbers": func() string { // and no column of words
		return madeRows("a,b", 200, func(i int) string {
			d := roll(6, i)
			if d.u[0] < .1 {
				return fmt.Sprintf(",%.3f", d.z[0])
			}
			return fmt.Sprintf("%.3f,%.3f", d.z[1], d.z[0]+d.z[1])
		})
	},
	"levels": func() string { // 10,000 of them
		return madeRows("code,x", 20000, func(i int) string {
			return fmt.Sprintf("c%04d,%.2f", i*7919%10000, roll(7, i).z[0])
		})
	},
	"wide": func() string { // 1000 columns
		var head []string
		for k := range 1000 {
			head = append(head, fmt.Sprintf("v%d", k))
		}
		return madeRows(strings.Join(head, ","), 40, func(i int) string {
			var cells []string
			for k := range 1000 {
				d := roll(8, 1000*i+k)
				cells = append(cells, []string{fmt.Sprintf("%.1f", d.z[0]), fmt.Sprint(int(100 * d.u[0])),
					pick(d.u[0], "no", "yes"), pick(d.u[0], "a", "b", "")}[k%4])
			}
			return strings.Join(cells, ",")
		})
	},
}

// madeRows is a header and so many lines.
func madeRows(head string, n int, line func(i int) string) string {
	var b strings.Builder
	b.WriteString(head + "\n")
	for i := range n {
		b.WriteString(line(i) + "\n")
	}
	return b.String()
}
