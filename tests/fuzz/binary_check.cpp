// Uploaded files are looked at without being trusted. What is refused has a
// short reason that can be shown.

#include "store/files/binary_check.hpp"

#include "tests/fuzz/fuzz.hpp"

namespace hearth::fuzz {

void one(std::string_view input) {
  for (auto type : {binary_type::jar, binary_type::native}) {
    auto fault = binary_fault(type, input);
    require(!fault || is_utf8(*fault), "a reason can be shown");
    require(!fault || fault->size() < 2000, "a reason is short");
  }
}

} // namespace hearth::fuzz
