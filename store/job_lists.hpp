/// Lists of jobs, read over any connection to the database: the store's own, or
/// that of a `store_reader`.
#pragma once

#include <vector>

#include <soci/soci.h>

#include "store/store.hpp"

namespace hearth {

/// As `store::jobs`.
/// @throws soci::soci_error
std::vector<job_record> read_jobs(soci::session& db, const job_filter& filter);

/// As `store::live_jobs`.
/// @throws soci::soci_error
std::vector<job_record> read_live_jobs(soci::session& db);

} // namespace hearth
