package spark.jobserver.api

import java.io.{File, IOException}

import com.typesafe.config.Config
import spark.jobserver.NamedObjects

/** What a job can learn about its surroundings. The object that jobs get is a [[DataFileCache]], too. */
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
   * @param dataFile the name with which the server answered the upload of the file
   * @return a file on the machine of the driver
   * @throws java.io.IOException when there is no such file
   */
  @throws[IOException]
  def getDataFile(dataFile: String): File
}
