/// The tables, as numbered migrations that only go forward.
#pragma once

#include <soci/soci.h>

#include "store/backend.hpp"

namespace hearth {

/// The schema that this build writes.
int newest_schema_version();

/// Brings the database to `newest_schema_version`; an empty one gets all
/// tables. Each migration is a transaction of its own.
/// @returns the version found, 0 for an empty database
/// @throws store_error if it was written by a newer Hearth or by something
///         else
/// @throws soci::soci_error
int migrate(soci::session& db, const backend& dialect);

} // namespace hearth
