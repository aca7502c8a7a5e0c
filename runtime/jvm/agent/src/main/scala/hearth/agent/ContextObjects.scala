package hearth.agent

import java.util.concurrent.{CompletableFuture, ConcurrentHashMap, ExecutionException, TimeUnit, TimeoutException}

import scala.annotation.tailrec
import scala.concurrent.duration.{DurationInt, FiniteDuration}

import spark.jobserver.{NamedObject, NamedObjectPersister, NamedObjects}

/** The named objects of this process's context. */
final class ContextObjects extends NamedObjects {
  override val defaultTimeout: FiniteDuration = 60.seconds

  private type Slot = CompletableFuture[NamedObject]
  private val slots = new ConcurrentHashMap[String, Slot]

  override def getOrElseCreate[O <: NamedObject](name: String, objGen: => O)(implicit
      timeout: FiniteDuration = defaultTimeout,
      persister: NamedObjectPersister[O]
  ): O = {
    val deadline = timeout.fromNow

    // A loop, for the job that creates it may fail or be killed; then it is another one's turn.
    @tailrec def attempt(): O = {
      val mine = new Slot
      val other = slots.putIfAbsent(name, mine)
      if (other == null) create(name, mine, objGen)
      else
        await[O](name, other, deadline.timeLeft) match {
          case Some(found) => persister.refresh(found)
          case None => attempt()
        }
    }
    attempt()
  }

  override def get[O <: NamedObject](name: String)(implicit timeout: FiniteDuration = defaultTimeout): Option[O] =
    Option(slots.get(name)).flatMap(await[O](name, _, timeout))

  override def update[O <: NamedObject](name: String, objGen: => O)(implicit
      timeout: FiniteDuration = defaultTimeout,
      persister: NamedObjectPersister[O]
  ): O = {
    // Until it is there the former one stays, also if this fails.
    val made = objGen
    persister.persist(made, name)
    slots.put(name, CompletableFuture.completedFuture[NamedObject](made))
    made
  }

  override def forget(name: String): Unit = slots.remove(name)

  override def destroy[O <: NamedObject](objOfType: O, name: String)(implicit
      persister: NamedObjectPersister[O]
  ): Unit = {
    slots.remove(name)
    persister.unpersist(objOfType)
  }

  override def getNames(): Iterable[String] = {
    val names = Vector.newBuilder[String]
    slots.keySet.forEach(name => { names += name; () })
    names.result()
  }

  private def create[O <: NamedObject](name: String, slot: Slot, objGen: => O)(implicit
      persister: NamedObjectPersister[O]
  ): O =
    try {
      val made = objGen
      persister.persist(made, name)
      slot.complete(made)
      made
    } catch {
      case error: Throwable =>
        slots.remove(name, slot)
        slot.completeExceptionally(error)
        throw error
    }

  /** Waits for the object and returns it; None if the job that was creating it failed. */
  private def await[O <: NamedObject](name: String, slot: Slot, timeout: FiniteDuration): Option[O] =
    try Some(slot.get(math.max(timeout.toMillis, 0), TimeUnit.MILLISECONDS).asInstanceOf[O])
    catch {
      case _: ExecutionException => None
      case _: TimeoutException => throw new TimeoutException(s"Named object $name was not created within $timeout")
    }
}
