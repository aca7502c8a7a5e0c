# hearth_job_library(NAME SOURCE...): a shared library of jobs, NAME.so, ready
# to upload. It shows no symbol but the one that hearth/job.hpp gives it.
function(hearth_job_library name)
  add_library(${name} MODULE ${ARGN})
  target_link_libraries(${name} PRIVATE Hearth::sdk)
  set_target_properties(${name} PROPERTIES
    PREFIX ""
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON)
endfunction()
