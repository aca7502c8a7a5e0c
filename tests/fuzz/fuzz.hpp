/// What every fuzz target shares. A target is one file that defines `one`; it
/// checks what must hold for any input, not only that nothing crashes.
#pragma once

#include <string>
#include <string_view>

namespace hearth::fuzz {

/// Looks at one input. Memory behind its end is guarded: nothing may read
/// there. An exception that leaves it is a finding.
void one(std::string_view input);

/// Ends the process, and thereby reports the input, unless `holds`.
void require(bool holds, const char* what);

/// The same, and shows two texts that should be equal.
void require_equal(std::string_view x, std::string_view y, const char* what);

/// Takes the text up to the next `separator`, which goes as well; all of it if
/// there is none.
std::string_view take(std::string_view& from, char separator = '\n');

/// Whether this is one JSON value in UTF-8 and nothing else, by RapidJSON.
bool is_json(std::string_view text);

/// Whether the text is valid UTF-8; written apart from what it checks.
bool is_utf8(std::string_view text);

} // namespace hearth::fuzz
