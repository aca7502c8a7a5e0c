// A setting of the server, `key=text`, is refused or taken; what was taken
// reads back as itself. Durations, sizes and permissions are within bounds.

#include "conf/keys.hpp"
#include "conf/permissions.hpp"
#include "conf/units.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace hearth::fuzz {

namespace {

void check_units(std::string_view text) {
  using std::chrono::hours;
  if (auto x = conf::parse_duration(text))
    require(x->count() >= 0 && *x <= hours{24 * 366 * 1000},
            "a duration is within a thousand years");
  if (auto x = conf::parse_size(text))
    require(*x < std::uint64_t{1} << 53, "a size is exact as a double");
  if (auto x = conf::parse_permissions(text))
    require(*x == 0 || conf::allows(*x, conf::may::enter),
            "who may something may enter");
}

void check_key(const conf::key& key, const std::string& text) {
  conf::settings x;
  auto before = key.get(x);
  if (!key.set(x, text)) {
    require_equal(key.get(x), before, "what was refused changes nothing");
    return;
  }
  auto taken = key.get(x);
  conf::settings y;
  require(key.set(y, taken), "a setting can be set to what it is");
  require_equal(key.get(y), taken, "a setting reads back as itself");
}

} // namespace

void one(std::string_view input) {
  auto name = take(input, '=');
  check_units(input);
  if (const auto* key = conf::find_key(name))
    return check_key(*key, std::string{input});
  conf::similar_key(name.substr(0, 6)); // its time is quadratic
  conf::foreign_key(name);
}

} // namespace hearth::fuzz
