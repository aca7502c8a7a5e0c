/// Makes the tables of the database, by numbered migrations that only go
/// forward.
#pragma once

#include <soci/soci.h>

#include "store/backend.hpp"

namespace hearth {

/// Returns the version of the schema that this build uses.
int newest_schema_version();

/// Brings the database to `newest_schema_version`. An empty database gets all
/// tables. Each migration is a transaction of its own.
/// @returns the version that was found; 0 for an empty database
/// @throws store_error if the database was written by a newer Hearth or by
///         another program
/// @throws soci::soci_error
int migrate(soci::session& db, const backend& dialect);

} // namespace hearth
