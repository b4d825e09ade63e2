// Stan's own NUTS over one compiled program, chains one after another: nuts DATA.json OUT SEED CHAINS diag|dense
// 1000 iterations of warm-up and 1000 draws, Stan's defaults; the draws of chain k are OUT_k.csv. The last line says the
// processor seconds of all chains, warm-up, draws and output. speed.py builds and runs it.
#include <stan/callbacks/interrupt.hpp>
#include <stan/callbacks/logger.hpp>
#include <stan/callbacks/stream_writer.hpp>
#include <stan/io/empty_var_context.hpp>
#include <stan/io/json/json_data.hpp>
#include <stan/model/model_base.hpp>
#include <stan/services/sample/hmc_nuts_dense_e_adapt.hpp>
#include <stan/services/sample/hmc_nuts_diag_e_adapt.hpp>
#include <ctime>
#include <fstream>
#include <iostream>
#include <string>

stan::model::model_base &new_model(stan::io::var_context &data, unsigned int seed, std::ostream *out);

int main(int argc, char **argv) {
  if (argc != 6) return 2;
  std::ifstream in(argv[1]);
  stan::json::json_data data(in);
  unsigned seed = std::stoi(argv[3]), chains = std::stoi(argv[4]);
  bool dense = std::string(argv[5]) == "dense";
  stan::model::model_base &model = new_model(data, seed, &std::cerr);
  stan::io::empty_var_context none;
  stan::callbacks::interrupt interrupt;
  stan::callbacks::logger logger;
  stan::callbacks::writer nothing;
  std::clock_t begin = std::clock();
  for (unsigned k = 1; k <= chains; k++) {
    std::ofstream out(std::string(argv[2]) + "_" + std::to_string(k) + ".csv");
    stan::callbacks::stream_writer draws(out, "# ");
    int rc = dense ? stan::services::sample::hmc_nuts_dense_e_adapt(model, none, seed, k, 2, 1000, 1000, 1, false, 0, 1,
                         0, 10, .8, .05, .75, 10, 75, 50, 25, interrupt, logger, nothing, draws, nothing)
                   : stan::services::sample::hmc_nuts_diag_e_adapt(model, none, seed, k, 2, 1000, 1000, 1, false, 0, 1,
                         0, 10, .8, .05, .75, 10, 75, 50, 25, interrupt, logger, nothing, draws, nothing);
    if (rc) return rc;
  }
  std::cout << double(std::clock() - begin) / CLOCKS_PER_SEC << std::endl;
}
