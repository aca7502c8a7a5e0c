package spark.jobserver.api

import java.io.{File, IOException}

import com.typesafe.config.Config
import spark.jobserver.NamedObjects

/** What a job may know about where it runs. The one that jobs are given is a [[DataFileCache]] too. */
trait JobEnvironment {

  /** The id that the server gave to the job; also its Spark job group. */
  def jobId: String

  /** Objects that the jobs of one context share. */
  def namedObjects: NamedObjects

  /** The settings that the context was created with. */
  def contextConfig: Config
}

/** Access to files that were uploaded to the server's `/data`. */
trait DataFileCache {

  /**
   * @param dataFile the name that the server answered when the file was uploaded
   * @return a file on the machine of the driver
   * @throws java.io.IOException when there is no such file
   */
  @throws[IOException]
  def getDataFile(dataFile: String): File
}
