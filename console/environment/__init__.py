"""What the environment says, read with django-environ and checked before anything else starts."""

from console.environment.read import Environment as Environment
from console.environment.read import FirstAdministrator as FirstAdministrator
from console.environment.read import read as read
from console.environment.values import BadValue as BadValue
