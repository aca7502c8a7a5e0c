// A database's address is taken or refused, and no error quotes it.

#include "store/backend.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace hearth::fuzz {

void one(std::string_view input) {
  std::string url{input};
  try {
    require(make_postgresql_backend(url, "") != nullptr, "a backend");
    make_postgresql_backend("postgresql://" + url, "");
  } catch (const store_error& e) {
    require_equal(e.what(),
                  "the store's url is not understood: write it as "
                  "postgresql://USER@HOST:PORT/DATABASE",
                  "an error does not quote the url");
  }
}

} // namespace hearth::fuzz
