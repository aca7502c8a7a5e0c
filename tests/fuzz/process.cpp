// What the kernel says of a process whose program calls itself what it likes.

#include "runtime/launch/proc_stat.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace hearth::fuzz {

void one(std::string_view input) {
  launch::parse_proc_stat(input);
  if (input.find('\0') != std::string_view::npos)
    return;
  auto line = "42 (" + std::string{input}
              + ") S 1 43 43 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711 1 2\n";
  auto x = launch::parse_proc_stat(line);
  require(x && x->pid == 42 && x->state == 'S' && x->group == 43
            && x->start_time == 4711,
          "a program's name cannot pretend");
}

} // namespace hearth::fuzz
