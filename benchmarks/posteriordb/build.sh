#!/bin/sh
# sh build.sh HTTPSTAN BRIDGESTAN STAN MODEL… makes MODEL (Stan's NUTS, nuts.cpp) and MODEL_model.so (BridgeStan's)
# of every STAN/MODEL.stan, in the folder where it is run. HTTPSTAN is the folder of the installed package httpstan, whose
# headers, libraries and stanc are used; BRIDGESTAN one with src/bridgestan.cpp. One object of a model is in both.
set -e
here=$(dirname "$0"); H=$1; bridge=$2; stan=$3; shift 3
F="-std=c++17 -O3 -fPIC -w -D_REENTRANT -DBOOST_DISABLE_ASSERTS -DSTAN_THREADS -DBRIDGESTAN_EXPORT -DTBB_INTERFACE_NEW
 -DSTAN_OVERRIDE_EIGEN_ASSERT -I $H/include -I $H/include/rapidjson"
L="$H/lib/libsundials_cvodes.a $H/lib/libsundials_idas.a $H/lib/libsundials_kinsol.a $H/lib/libsundials_nvecserial.a
 $H/lib/libtbb.so.2 -Wl,-rpath,$H/lib -lpthread"
[ -f nuts.o ] || g++ $F -c "$here/nuts.cpp" -o nuts.o
[ -f bridge.o ] || g++ $F -c "$bridge/src/bridgestan.cpp" -o bridge.o
for m; do
  "$H/stanc" --o="$m.hpp" "$stan/$m.stan"
  [ -f "$m.o" ] || g++ $F -x c++ -c "$m.hpp" -o "$m.o"
  g++ nuts.o "$m.o" $L -o "$m"
  g++ -shared "$m.o" bridge.o $L -o "${m}_model.so"
done
