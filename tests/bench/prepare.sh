# Sourced by `run` and `check`: the peers' environment, and our programs as users get them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
bench=target/bench
python=$bench/venv/bin/python
if ! cmp -s tests/bench/requirements.txt $bench/venv/installed.txt; then
  echo "bench: installing the peers into $bench/venv"
  rm -rf $bench/venv
  mkdir -p $bench
  python3 -m venv $bench/venv
  $bench/venv/bin/pip install --quiet --disable-pip-version-check -r tests/bench/requirements.txt
  cp tests/bench/requirements.txt $bench/venv/installed.txt
fi
# Only where the rows of tiles are asked for: it takes a quarter of an hour, once.
if [ "$(basename "$0")" = run ] && [[ "$*" != *--only* || "$*" == *tiles* ]] && ! [ -x $bench/bin/martin ]; then
  echo "bench: building martin 1.14.0, the peer of the tiles, into $bench/bin (once, a quarter of an hour)"
  cargo install --quiet martin --version =1.14.0 --locked --no-default-features --features postgres,mbtiles,metrics --root $bench ||
    echo "bench: martin could not be built; its rows will say SKIPPED"
fi
echo "bench: building phteah and the kernels"
cargo build --release --quiet --bin phteah
# In one command, so that what both need is built once.
cargo build --release --quiet --example bench_decide --example bench_travel
export PYTHONPATH=$PWD/tests/bench PYTHONDONTWRITEBYTECODE=1
