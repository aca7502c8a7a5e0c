#include <elf.h>
#include <fstream>
#include <iterator>
#include <string>

#include <doctest/doctest.h>

#include "runtime/native/agent/elf.hpp"

using namespace hearth::native;

namespace {

std::string library(const std::string& name) {
  std::ifstream in{std::string{LIBRARIES} + "/" + name + ".so",
                   std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

} // namespace

TEST_CASE("what can be loaded is told from what cannot") {
  auto file = library("test_jobs_v1");
  CHECK(why_not_loadable(file).empty());
  CHECK(why_not_loadable("hello") == "it is no ELF file");
  CHECK(why_not_loadable(file.substr(0, 20)) == "it is cut off");
  auto other = file;
  other[18] = static_cast<char>(EM_S390);
  other[19] = 0;
  CHECK(why_not_loadable(other).starts_with("built for S/390, this machine"));
  auto program = file;
  program[16] = ET_REL;
  CHECK(why_not_loadable(program).find("not a shared library")
        != std::string::npos);
}

TEST_CASE("unique symbols become weak") {
  auto file = library("test_jobs_v1");
  CHECK(make_unique_symbols_weak(file));
  CHECK_FALSE(make_unique_symbols_weak(file));
}

TEST_CASE("a file that lies about its sections is read within its bounds") {
  auto file = library("test_jobs_v1");
  for (std::size_t size = 0; size < file.size(); size += 97) {
    auto cut = file.substr(0, size);
    make_unique_symbols_weak(cut);
  }
  for (std::size_t at = 40; at < 64; ++at) {
    auto wrong = file;
    wrong[at] = '\xff';
    make_unique_symbols_weak(wrong);
  }
}
