#!/usr/bin/env bash
# Makes the states in this folder: every run is killed once it has left something to go on from. They are made once, by the
# program of their time, and kept: testdata/script/halfdone.txtar has later programs go on from them. The digests there are
# those of the same runs without an interruption, by the same program.
#
#	make.sh PROGRAM [ONE]     all states, or the one of that name
set -euo pipefail
ito=$(realpath "$1") one=${2:-}
here=$(cd "$(dirname "$0")" && pwd)
export ITO_SIMD=avx2 SOURCE_DATE_EPOCH=0

# half NAME FILE REGEXP COMMAND…: runs ito in $here/NAME and kills it when FILE matches; what it had then is kept.
half() {
	name=$1 file=$2 ready=$3 last=${*: -1}; shift 3
	[ -z "$one" ] || [ "$one" = "$name" ] || return 0
	for try in 1 2 3 4 5 6 7 8 9 10; do
		rm -rf "${here:?}/$name"; mkdir "$here/$name"; cd "$here/$name"
		[ ! -e ../model.safetensors ] || cp ../model.safetensors .
		"$ito" "$@" >/dev/null 2>&1 & pid=$!
		until grep -qaE "$ready" "$file" 2>/dev/null; do kill -0 $pid 2>/dev/null || break; done
		if kill -KILL $pid 2>/dev/null; then
			wait $pid 2>/dev/null || true
			rm -f model.safetensors .*.tmp .*.lock
			grep -qaE "$ready" "$file" 2>/dev/null && [ ! -e "$last" ] && { ls -l; return 0; }
		fi
		wait $pid 2>/dev/null || true
	done
	echo "$name: it always ended before it could be killed" >&2
	exit 1
}

small="--width 8 --depth 1 --batch 16"
# A finished model; what samples and searches begin with.
if [ -z "$one" ] || [ "$one" = model ]; then
	(cd "$here" && "$ito" train moons --path vp --steps 200 $small --out model.safetensors >/dev/null 2>&1)
fi
half vsdm m.safetensors.checkpoint . train moons $small --steps 1200 --stages 6 --stage-steps 30 --stage-paths 100 --stage-grid 10 --every 1ms --out m.safetensors
half flow m.safetensors.checkpoint . train moons $small --path flow --network residual --steps 1500 --every 1ms --out m.safetensors
half vsmd m.safetensors.checkpoint . train moons $small --path vsmd --steps 1200 --stages 6 --stage-steps 30 --stage-paths 100 --stage-grid 10 --every 1ms --out m.safetensors
half interpolant m.safetensors.checkpoint . train moons $small --path interpolant --steps 1500 --every 1ms --out m.safetensors
half potential m.safetensors.checkpoint . train moons $small --path vp --objective fokker-planck --fp-weight 0.01 --steps 500 --every 1ms --out m.safetensors
half samples s.csv.partial.journal '"rows":[1-9]' sample model.safetensors -n 4100 --nfe 100 --workers 1 --every 1ms --out s.csv
half npy s.npy.partial.journal '"rows":[1-9]' sample model.safetensors -n 4100 --nfe 50 --solver em --workers 1 --every 1ms --out s.npy
half trajectory s.csv.partial.journal '"rows":[1-9]' sample model.safetensors -n 4100 --solver dpm-23 --grid times:1,0.001 --workers 1 --every 1ms --trajectory t.npy --out s.csv
half tune t.safetensors.tuning 'search.":\{' tune model.safetensors --nfe 5,8 --states 16 --judge 16 --generations 8 --rounds 4 --every 1ms --out t.safetensors
half nuts d.csv.checkpoint 'rows.":[1-9]' infer zoo:moons --method nuts --draws 600 --chains 2 --warmup 200 --every 1ms --out d.csv
half pt d.csv.checkpoint 'rows.":[1-9]' infer zoo:moons --method pt --draws 300 --chains 2 --warmup 100 --temperatures 3 --every 1ms --out d.csv
half smc d.csv.checkpoint . infer zoo:dw5 --method smc --draws 50 --chains 2 --scale 1 --every 1ms --out d.csv
half pis d.csv.checkpoint . infer zoo:two --method pis --draws 100 --iterations 60 --batch 32 --steps 10 --width 8 --every 1ms --out d.csv
half dds d.csv.checkpoint . infer zoo:two --method dds --loss kl --draws 100 --iterations 60 --batch 32 --steps 10 --width 8 --every 1ms --out d.csv
half bridge d.csv.checkpoint . infer zoo:two --method bridge --draws 100 --iterations 60 --batch 32 --steps 10 --width 8 --every 1ms --out d.csv
half pdds d.csv.checkpoint . infer zoo:two --method pdds --whiten meanfield --whiten-iterations 200 --potential learned --iterations 40 --batch 32 --width 8 --steps 8 --draws 100 --every 1ms --out d.csv
half levels d.csv.checkpoint . infer model.safetensors --data moons --draws 20 --warmup 50 --iterations 300 --width 8 --batch 32 --every 1ms --out d.csv
# The trainings of samplers since they are loops of learn.
half loop-dds d.csv.checkpoint . infer zoo:two --method dds --loss kl --draws 100 --iterations 60 --batch 32 --steps 10 --width 8 --every 1ms --out d.csv
half loop-bridge d.csv.checkpoint . infer zoo:two --method bridge --draws 100 --iterations 60 --batch 32 --steps 10 --width 8 --every 1ms --out d.csv
half loop-pdds d.csv.checkpoint . infer zoo:two --method pdds --whiten meanfield --whiten-iterations 200 --potential learned --iterations 40 --batch 32 --width 8 --steps 8 --draws 100 --every 1ms --out d.csv
half loop-levels d.csv.checkpoint . infer model.safetensors --data moons --draws 20 --warmup 50 --iterations 300 --width 8 --batch 32 --every 1ms --out d.csv
# Streams of samples since their journals are sealed.
half sealed s.csv.partial.journal '"rows":[1-9]' sample model.safetensors -n 4100 --nfe 100 --workers 1 --every 1ms --out s.csv
half sealed-npy s.npy.partial.journal '"rows":[1-9]' sample model.safetensors -n 4100 --nfe 50 --solver em --workers 1 --every 1ms --out s.npy
half sealed-trajectory s.csv.partial.journal '"rows":[1-9]' sample model.safetensors -n 4100 --solver dpm-23 --grid times:1,0.001 --workers 1 --every 1ms --trajectory t.npy --out s.csv
