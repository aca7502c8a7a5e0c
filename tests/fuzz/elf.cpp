// An uploaded library is looked at without being trusted: only the binding of
// its symbols changes, and only once.

#include "runtime/native/agent/elf.hpp"

#include "tests/fuzz/fuzz.hpp"

namespace hearth::fuzz {

void one(std::string_view input) {
  auto why = native::why_not_loadable(input);
  require(is_utf8(why), "a reason can be shown");
  std::string file{input};
  auto changed = native::make_unique_symbols_weak(file);
  require(file.size() == input.size(), "the size stays");
  require(changed == (file != input), "it says whether something changed");
}

} // namespace hearth::fuzz
