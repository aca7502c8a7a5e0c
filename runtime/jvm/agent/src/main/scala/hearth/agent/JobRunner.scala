package hearth.agent

import java.io.{File, IOException}
import java.nio.file.{Files, Path}

import com.typesafe.config.Config
import org.apache.spark.SparkContext
import org.apache.spark.hearth.{JobOwner, JobThreads}
import org.scalactic.{Bad, Good}
import spark.jobserver.{JobKilledException, NamedObjects}
import spark.jobserver.api.{DataFileCache, JobEnvironment, SparkJobBase}
import spark.jobserver.context.{JobClassNotFound, JobLoadError, JobWrongType, LoadingError}

/**
 * Runs one job at a time on the calling thread, and leaves the thread as it found it.
 *
 * @param folder for results that are too large for memory
 */
final class JobRunner(
    context: Context,
    binaries: Binaries,
    namedObjects: NamedObjects,
    files: ServerFiles,
    folder: Path
) {
  private val sc: SparkContext = context.sparkContext
  private val threads = JobThreads.of(sc)

  private final class Environment(val jobId: String) extends JobEnvironment with DataFileCache {
    override def namedObjects: NamedObjects = JobRunner.this.namedObjects
    override def contextConfig: Config = context.settings
    override def getDataFile(dataFile: String): File = files.data(jobId, dataFile)
  }

  /**
   * Runs the job to its end. Whatever it throws, errors of the JVM included, is its own outcome.
   *
   * @param started called once its validation has passed
   * @param streams called once it has returned what is to be sent while it is made
   */
  def run(job: Job, started: () => Unit, streams: () => Unit): Outcome = {
    val thread = Thread.currentThread
    val name = thread.getName
    val loader = thread.getContextClassLoader
    thread.setName(s"job ${job.id}")
    val outcome =
      try {
        if (job.enter()) Proxied(job.request.user)(inVersion(job, started, streams)) else killed(job)
      } catch {
        case error: Throwable => Errored(Failure.of(error))
      }
    val wasKilled = job.leave()
    // Anything that it started elsewhere and that runs on would take executors from other jobs.
    if (wasKilled) cancel(job)
    context.leave()
    threads.end(job.id)
    thread.setContextClassLoader(loader)
    thread.setName(name)
    if (wasKilled) killed(job) else outcome
  }

  /** Cancels what the job does in Spark and interrupts it. To be repeated until it has ended. */
  def kill(job: Job): Unit = {
    job.kill()
    cancel(job)
  }

  private def cancel(job: Job): Unit = if (!sc.isStopped) sc.cancelJobGroup(job.id)

  private def killed(job: Job): Outcome = Killed(Failure.of(new JobKilledException(job.id)))

  private def inVersion(job: Job, started: () => Unit, streams: () => Unit): Outcome =
    acquire(job) match {
      case Left(refused) => refused
      case Right(version) =>
        try {
          Thread.currentThread.setContextClassLoader(version.loader)
          threads.begin(JobOwner(job.id, version.loader.id, job.request.mainClass))
          context.enter()
          load(job, version) match {
            case Left(refused) => refused
            case Right(loaded) => validateAndRun(job, loaded, started, streams)
          }
        } catch {
          case error: Throwable => Errored(Failure.of(error, LostClass.advice(error, version.loader)))
        } finally binaries.release(version)
    }

  private def acquire(job: Job): Either[Refused, Version] =
    try Right(binaries.acquire(job.request.binaries.map(files.binary(job.id, _))))
    catch { case e: IOException => Left(Refused("loading-failed", Failure.of(e))) }

  private def load(job: Job, version: Version): Either[Refused, SparkJobBase] =
    context.factory.loadAndValidateJob(job.request.binaries.map(_.path), job.request.mainClass, version) match {
      case Good(container) => Right(container.getSparkJob)
      case Bad(error) => Left(refusal(error, job.request.mainClass))
    }

  private def refusal(error: LoadingError, mainClass: String): Refused = error match {
    case JobClassNotFound => Refused("class-not-found", Failure.of(new ClassNotFoundException(mainClass)))
    case JobWrongType =>
      Refused("wrong-context", Failure.of(new IllegalArgumentException("Invalid job type for this context")))
    case JobLoadError(error) => Refused("loading-failed", Failure.of(error))
  }

  private def validateAndRun(job: Job, loaded: SparkJobBase, started: () => Unit, streams: () => Unit): Outcome = {
    val environment = new Environment(job.id)
    val sparkContext = context.forJob(loaded).asInstanceOf[loaded.C]
    loaded.validate(sparkContext, environment, job.request.config) match {
      case Bad(problems) =>
        Refused("validation-failed", Failure.of(new Throwable(problems.toString)))
      case Good(data) =>
        started()
        write(job, Results.of(loaded.runJob(sparkContext, environment, data)), streams)
    }
  }

  private def write(job: Job, result: Result, streams: () => Unit): Outcome = {
    val bytes = new ResultBytes(job.request.maxResult, () => Files.createTempFile(folder, "result-", ".json"))
    job.result = bytes
    if (result.isLazy) {
      bytes.stream()
      streams()
    }
    try result.writeTo(bytes)
    finally bytes.end()
    Finished(bytes.checked())
  }
}
