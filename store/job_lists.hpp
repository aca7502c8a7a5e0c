/// Reads lists of jobs over any connection to the database: that of the store,
/// or that of a `store_reader`.
#pragma once

#include <vector>

#include <soci/soci.h>

#include "store/store.hpp"

namespace hearth {

/// See `store::jobs`.
/// @throws soci::soci_error
std::vector<job_record> read_jobs(soci::session& db, const job_filter& filter);

/// See `store::live_jobs`.
/// @throws soci::soci_error
std::vector<job_record> read_live_jobs(soci::session& db);

} // namespace hearth
