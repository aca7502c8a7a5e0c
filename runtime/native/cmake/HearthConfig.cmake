# find_package(Hearth): the target Hearth::sdk and hearth_job_library().
include(${CMAKE_CURRENT_LIST_DIR}/HearthTargets.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/HearthJobLibrary.cmake)
