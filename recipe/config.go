package recipe

import (
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/encode"
)

// TrainConfig is the configuration of a training: at once the flags of "ito train", its TOML file and what a
// checkpoint and a model remember. The defaults are those of the tags; [DefaultTrain] reads them.
// Where zero is no legal value it means "choose by path and dimension"; [TrainConfig.Resolve] says what.
type TrainConfig struct {
	Path      string    `toml:"path" json:"path" default:"auto" word:"path" also:"auto" placeholder:"WORD" help:"How data become noise: vsdm, vp, ve, subvp, edm, flow, cosine, kinetic, discrete (a table of betas), cld, vsmd, pfgm, onesided, interpolant or centred, of tokens absorbing or uniform, and of a table with types also mixed, edm for numbers and absorbing for levels, with settings of its own after a colon, as vp:beta-max=10,power=1.7. centred:inner=vp goes around a mean of each row, a number of --condition for every column of an npy file. interpolant goes to the rows of --from, or without them to N(0,I). auto: vsdm, for tokens absorbing, for graphs vp, for a table with types mixed, which is edm where no column has levels."`
	Variant   string    `toml:"variant" json:"variant" default:"constant" enum:"constant,diagonal,logistic,full" help:"Form of the variational score A_t of vsdm: ${enum}. Above 256 columns constant means diagonal, one number a column; full asks for a matrix there, up to 2048 columns."`
	Transform string    `toml:"transform" json:"transform" default:"standardise" enum:"none,standardise,whiten" help:"Map from columns to states: ${enum}."`
	Scale     []float64 `toml:"scale" json:"scale" help:"Multiply the columns by these factors first." placeholder:"1,8"`
	Condition []string  `toml:"condition" json:"condition" help:"Columns to condition on instead of learning them." placeholder:"COL,…"`
	Seed      uint64    `toml:"seed" json:"seed" default:"1" help:"Seed of everything that is drawn."`

	BetaMin  float64 `toml:"beta-min" json:"beta-min" min:"0" default:"0" help:"Noise rate of vp, subvp, vsdm, cld and vsmd at the data; 0: .1, for cld and vsmd beta-max."`
	BetaMax  float64 `toml:"beta-max" json:"beta-max" min:"0" default:"0" help:"Noise rate of the same paths at the noise; 0: 10 for vsdm and vsmd, 4 for cld, 20 for the others."`
	Power    float64 `toml:"power" json:"power" min:"0" default:"0" help:"Exponent of the noise rate in time; 0: 1.7 for vsdm, 1 for the others."`
	Kappa    float64 `toml:"kappa" json:"kappa" above:"0" default:"1" help:"Damping of vsmd: 1 is critical, less under-damped. Of brownian noise of an interpolant: κ of γ = √(κt(1−t))."`
	Family   string  `toml:"family" json:"family" default:"linear" enum:"linear,trig,encdec,mirror,sb" help:"Family of an interpolant: ${enum}; onesided has the first two."`
	Noise    string  `toml:"noise" json:"noise" default:"auto" enum:"auto,brownian,quadratic,sine,none" help:"Shape of the noise γ of an interpolant: ${enum}; auto: brownian, sine for encdec."`
	SigmaMin float64 `toml:"sigma-min" json:"sigma-min" min:"0" default:"0" help:"Least noise of ve, edm and pfgm; 0: .01, and .002 for the others."`
	SigmaMax float64 `toml:"sigma-max" json:"sigma-max" min:"0" default:"0" help:"Largest noise of ve, edm and pfgm; 0: 50, and 80 for the others."`
	Extra    float64 `toml:"extra" json:"extra" min:"0" default:"0" help:"Dimensions that pfgm adds, at least 1: the fewer, the heavier the tails of its noise; 0: 2048."`
	Prior    string  `toml:"prior" json:"prior" default:"auto" enum:"auto,own,moments" help:"Where sampling starts: the path's own prior, or a Gaussian with the moments of the data at the end of the path; auto: moments for vsdm and vsmd, else own."`

	Objective string  `toml:"objective" json:"objective" default:"auto" word:"objective" also:"auto" placeholder:"WORD" help:"Loss, dsm, flow, edm, fokker-planck[:weight=X], b, b+eta, b+s, v+eta or v+s: denoising score matching, flow matching, EDM's weights and noise levels, or score matching of a potential with --fp-weight; for an interpolant its velocity b, or b or v with η or s, from which the SDE follows; auto: flow for flow and onesided, edm for edm and pfgm, b+eta for an interpolant with noise, b without, cross-entropy for tokens, mixed for mixed, else dsm."`
	FPWeight  float64 `toml:"fp-weight" json:"fp-weight" name:"fp-weight" min:"0" default:"0" help:"Weight of the Fokker–Planck residual in the objective fokker-planck, which brings the flow's samples and the SDE's together."`
	Times     int     `toml:"times" json:"times" min:"0" default:"100" help:"Times that training uses, on an even grid; 0 draws them continuously."`
	Steps     int     `toml:"steps" json:"steps" min:"0" default:"0" help:"Training steps, those of the stages of vsdm included; 0: 20000, and of a table with types by its rows and columns, from 5000 to 40000."`
	Batch     int     `toml:"batch" json:"batch" min:"1" default:"256" help:"Rows a step."`
	LR        float64 `toml:"lr" json:"lr" name:"lr" min:"0" default:"0" help:"Learning rate of Adam; 0: 0.001, and 0.003 of dense networks on a table with types."`
	Schedule  string  `toml:"schedule" json:"schedule" default:"cosine" enum:"constant,cosine,exponential" help:"How the learning rate falls: ${enum} (by .99 every 1000 steps)."`
	Warmup    int     `toml:"warmup" json:"warmup" min:"0" default:"100" help:"Steps over which the learning rate rises from 0."`
	Decay     float64 `toml:"decay" json:"decay" min:"0" default:"0" help:"Weight decay of Adam."`
	Clip      float64 `toml:"clip" json:"clip" min:"0" default:"1" help:"Largest norm of a gradient; 0: unlimited."`
	EMA       float64 `toml:"ema" json:"ema" name:"ema" min:"0" max:"0.999999" default:"0.999" help:"Moving average of the weights, which the model keeps."`
	Dropout   float64 `toml:"dropout" json:"dropout" min:"0" max:"1" default:"0.1" help:"Part of the rows that train without their condition, for guidance."`

	HoldOut string `where:"remote" toml:"hold-out" json:"hold-out" name:"hold-out" default:"auto" zero:"default" omit:"default" placeholder:"PART" help:"Part of the rows of a table with types, from 0 to 0.5, that are not trained on: their loss is the validation curve, training ends where it has not fallen for a quarter of --steps, and the model is that of its least. auto: a tenth, at most 4096 rows, of 200 rows or more."`

	Epsilon float64 `toml:"epsilon" json:"epsilon" min:"0" default:"0" omit:"default" help:"ε of differential privacy for a row of a table that is there or not, by noisy steps whose gradients are clipped row by row; with --public-schema. 0: none."`
	Delta   float64 `with:"epsilon" toml:"delta" json:"delta" min:"0" max:"1" default:"0" omit:"default" help:"δ of differential privacy: give less than 1 over the number of rows; 0: 1e-5."`
	RowClip float64 `with:"epsilon" toml:"row-clip" json:"row-clip" name:"row-clip" min:"0" default:"0" omit:"default" help:"Largest norm of the gradient of a row, with --epsilon; 0: 1."`

	Network    string `toml:"network" json:"network" default:"auto" word:"network" also:"auto,dense,residual" placeholder:"WORD" help:"Kind of network: dense, residual, or mlp with settings, as mlp:width=256,depth=3,time=fourier; others with settings of their own. auto: dense, for graphs graph."`
	Width      int    `toml:"width" json:"width" min:"0" default:"0" help:"Width of the hidden layers; 0: 128 up to eight dimensions, else 256, as of tables with types."`
	Depth      int    `toml:"depth" json:"depth" min:"1" default:"3" help:"Hidden layers, or residual blocks."`
	Activation string `toml:"activation" json:"activation" default:"silu" enum:"silu,gelu" help:"Activation: ${enum}."`

	Precision string `where:"remote" toml:"precision" json:"precision" default:"f32" zero:"default" omit:"default" enum:"f32,bf16" help:"Of the products with the network's weights: ${enum}. bf16 rounds their operands to eight bits, sums in float32, and is up to twice as fast where the processor has AVX512-BF16; the model keeps the word."`

	Wrapping string `toml:"wrapping" json:"wrapping" default:"auto" zero:"default" omit:"default" word:"wrapping" also:"auto" placeholder:"WORD" help:"What stands between network and path: moments, or edm:sigma-data=0.5, whose scales are EDM's for data of mean 0 and that standard deviation. auto: what the objective takes, moments for dsm, flow and edm."`

	Stages     int     `paths:"vsdm,vsmd" toml:"stages" json:"stages" min:"0" default:"40" help:"Stages in which vsdm and vsmd learn their path; 0 keeps the path as it starts."`
	StageSteps int     `paths:"vsdm,vsmd" toml:"stage-steps" json:"stage-steps" min:"0" default:"0" help:"Training steps a stage; 0: 100, or fewer for the stages to take no more than half of the steps."`
	StagePaths int     `paths:"vsdm,vsmd" toml:"stage-paths" json:"stage-paths" min:"1" default:"1000" help:"Paths simulated a stage."`
	StageGrid  int     `paths:"vsdm,vsmd" toml:"stage-grid" json:"stage-grid" min:"1" default:"50" help:"Steps of a simulated path."`
	Zeta       float64 `paths:"vsdm,vsmd" toml:"zeta" json:"zeta" min:"0" default:"1" help:"Weight of the divergence in the update of A; 1 ends at the prior N(0,I)."`
	Eta        float64 `paths:"vsdm,vsmd" toml:"eta" json:"eta" above:"0" default:"2" help:"First step η_0 of the update, more than 1 over-relaxes; η_k = η_0/(1+k/k_0)^a."`
	EtaStages  float64 `paths:"vsdm,vsmd" toml:"eta-stages" json:"eta-stages" above:"0" default:"20" help:"k_0 of η_k."`
	EtaPower   float64 `paths:"vsdm,vsmd" toml:"eta-power" json:"eta-power" min:"0" default:"0.6" help:"a of η_k, between ½ and 1; 0 keeps η_0."`
	FreeSpring bool    `paths:"vsdm,vsmd" toml:"free-spring" json:"free-spring" name:"free-spring" default:"false" help:"Learn A_x of vsmd as well as A_v. Without it A_x follows from A_v by the damping transform, which keeps --kappa."`
	DMin       float64 `paths:"vsdm,vsmd" toml:"d-min" json:"d-min" name:"d-min" above:"0" default:"0.05" help:"Least eigenvalue of D = I−2A, for vsmd of 1−2A_v."`
	DMax       float64 `paths:"vsdm,vsmd" toml:"d-max" json:"d-max" name:"d-max" min:"0" default:"0" help:"Largest eigenvalue of D; 0: what keeps a step of the simulation stable."`
	Centre     bool    `paths:"vsdm,cld,vsmd,piecewise,reverting,kinetic" toml:"centre" json:"centre" default:"true" negatable:"" help:"Centre the path of vsdm, cld and vsmd at the mean of the data."`
	Warm       bool    `paths:"vsdm,vsmd" toml:"warm" json:"warm" default:"false" help:"Start A of vsdm from the moments of the data. Reports name it."`
}

// SampleConfig is the configuration of a sampling: the flags of "ito sample".
type SampleConfig struct {
	N         int     `toml:"n" json:"n" short:"n" default:"1000" help:"Samples."`
	First     uint64  `toml:"first" json:"first" default:"0" help:"Id of the first sample: sample i of any run is the same."`
	Seed      uint64  `toml:"seed" json:"seed" default:"1" help:"Seed of the noise."`
	Where     string  `toml:"where" json:"where" help:"Conditions, as label=3,size=2.5; a value with a comma in quotes, as kind=\"x,y\". Of a table with types any of its columns, and also ranges and sets, age=18..30,city=Bonn|Köln; of other models all conditions that they have." placeholder:"COL=VALUE,…"`
	Balance   string  `toml:"balance" json:"balance,omitempty" default:"" omit:"default" help:"A column of a table with types whose levels, or few numbers, samples have equally often: sample i is asked for the level i modulo their number, in the model's order, beside what --where asks; a set there restricts them." placeholder:"COL"`
	Guidance  float64 `toml:"guidance" json:"guidance" default:"1" help:"Weight w of the condition; 1: as learnt. Others cost two network calls an evaluation."`
	Solver    string  `toml:"solver" json:"solver" default:"auto" word:"solver" also:"auto" check:"remote" placeholder:"NAME" help:"Solver, with its settings after colons, as ddim:eta=0.5; ito solvers lists them. auto: the schedule that ito tune has stored for --nfe, if there is one and neither --grid nor --final is given, else heun, for tokens ancestral, for a table on the path mixed mixed-2m."`
	NFE       int     `toml:"nfe" json:"nfe" name:"nfe" min:"0" default:"0" placeholder:"K" help:"Network calls a sample, never exceeded; 0: 50, with the default solver of the path mixed 18. Solvers that choose their own steps take --tol instead."`
	Tol       float64 `toml:"tol" json:"tol" min:"0" default:"0" help:"Tolerance of a solver that chooses its own steps; 0: its own, 1e-5 for dopri5."`
	Grid      string  `toml:"grid" json:"grid" default:"auto" word:"grid" also:"auto" check:"remote" placeholder:"NAME" help:"Spacing of the steps: one that ito solvers lists, or the levels themselves, as 80,24,5.8,1,0.1,0.002, which are σ/α from noise to data (times:1,0.5,… for times, lambdas:-5,0,… for log(α/σ)). auto: karras for edm and pfgm, unmasking for mixed, ends for an interpolant whose γ̇ has no bound at its ends, else uniform."`
	Final     string  `toml:"final" json:"final" default:"stop" enum:"stop,denoise,euler" help:"What is done with the noise that is left at the last level: stop, nothing; denoise, take the prediction of the data there; euler, a step of the flow to time 0. The last two take one more evaluation, within --nfe."`
	Prior     string  `toml:"prior" json:"prior" default:"model" enum:"model,own,kernel,moments" help:"Where to start: as the model says, the path's own prior, the noise alone of the path at its end, or the moments of the data there."`
	Epsilon   float64 `toml:"epsilon" json:"epsilon" min:"0" default:"1" help:"ε of the solver interpolant-sde, the most noise that it adds: ε_t = εγ²/max γ², with the path's own noise γ; 0 is the flow."`
	Precision string  `where:"local" toml:"precision" json:"precision,omitempty" default:"" omit:"default" placeholder:"WORD" help:"Of the products with the network's weights, f32 or bf16, and int8 of a model of ito quantise; without it what the model says."`
	Given     string  `toml:"given" json:"given,omitempty" help:"Tokens that are known, by their place from 0, as 0=a,3=c; a token with a comma in quotes, as 0=\",\". The others are drawn given these. For a model of text on path absorbing." placeholder:"PLACE=TOKEN,…"`
	From      string  `where:"local" toml:"from" json:"from" help:"Rows where sampling starts, for a model between two sets of rows: sample i starts at row i, and at the first again after the last." placeholder:"FILE"`
	Scheduler string  `where:"local" toml:"scheduler" json:"scheduler,omitempty" default:"" omit:"default" placeholder:"FILE[,KEY=VALUE…]" help:"Sample as a scheduler of diffusers: its scheduler_config.json, or the name of a class, then settings: class=EulerDiscrete, timesteps=999/850/736, s_churn=5, or keys of the file. It takes as many inference steps as --nfe allows."`
	// rows carried at a time by one worker; 0: 2048. No effect on the bytes
	Chunk int `toml:"-" json:"-" kong:"-"`
	// Request holds conditions of a table with types that are not in Where: nil: none.
	Request *encode.Request `toml:"-" json:"-" kong:"-"`
	// Scheduled is what Scheduler names; nil: the model's own path and solvers.
	Scheduled *Scheduled `toml:"-" json:"-" kong:"-"`
	// Hooks makes hooks that act at every step of a run of so many steps, on rows alone; nil: none.
	Hooks func(steps int) []ito.Hook `toml:"-" json:"-" kong:"-"`
	// Start holds the rows of From, in the model's columns. The zero value: the model's prior.
	Start ito.States `toml:"-" json:"-" kong:"-"`
}

// Sink takes finished samples: rows of the user's columns with their ids, in the order of the ids, in
// pieces of any length. x is only valid during the call.
type Sink func(x ito.States) error
