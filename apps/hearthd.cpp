// The server: see 'hearthd --help'.

#include "apps/serve.hpp"

int main(int argc, char** argv) {
  return hearth::serve(argc, argv);
}
