/// Checks that a zip file is whole: its end record, its directory, and each
/// entry.
///
/// It is a reader of our own because the libraries are made for another
/// purpose: libzip 1.7 has a strict check, but says "inconsistent" of whatever
/// is wrong and refuses data before the archive, which executable jars have;
/// minizip and libarchive do not compare the directory with the entries.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hearth {

/// Returns what is wrong with a zip file, e.g. "it is cut off: …", and nothing
/// if it is whole.
///
/// Data before the archive, a comment at its end, ZIP64, data descriptors and
/// encrypted entries are all legal. Every entry has to begin where the
/// directory says, and to end before the directory. The checksums of stored
/// and deflated entries are compared until these have 256 MiB in all: a file
/// of strangers may claim to be of any size.
std::optional<std::string> zip_fault(std::string_view file);

} // namespace hearth
